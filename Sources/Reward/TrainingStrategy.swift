/// Which head a training ends with.
///
/// Source: arXiv 2506.13846, Table 4.
public enum TrainingStrategy: String, Codable, Sendable, Hashable, CaseIterable {
    /// The last one, without bootstrapping.
    case naive
    /// One with the mean of several checkpoints' numbers and running statistics of its own.
    case average
    /// Several checkpoints that vote: each ranks the candidates, and the mean of their ranks decides.
    case voting
    /// The last one, after bootstrapping where there are candidates to bootstrap from.
    case bootstrap
}
