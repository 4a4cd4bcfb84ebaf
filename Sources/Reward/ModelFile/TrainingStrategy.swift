/// How the final head is derived from a training.
///
/// Source: arXiv 2506.13846, Table 4.
public enum TrainingStrategy: String, Codable, Sendable, Hashable, CaseIterable {
    /// The head after the last step, without bootstrapping.
    case naive
    /// One head with the mean parameters of several checkpoints and recomputed running statistics.
    case average
    /// An ensemble of several checkpoints, which orders candidates by their mean rank.
    case voting
    /// The head after the last step, with bootstrapping if there are candidates.
    case bootstrap
}
