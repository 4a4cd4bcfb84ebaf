/// Which parts of the Reward Projection Layer a head has.
public enum HeadArchitecture: String, Codable, Sendable, Hashable, CaseIterable {
    /// All of them, as in the paper.
    case projection = "rpl"
    /// The last layer alone, on the embedding itself: logistic regression. Its file holds `out.weight`
    /// and `out.bias` and nothing else.
    case linear
    /// Without normalisation: gain and offset of a norm follow the ReLU directly.
    case noNorm = "no_norm"
    /// Without the shortcut around the two layers.
    case noResidual = "no_residual"
}
