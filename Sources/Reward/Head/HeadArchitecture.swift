/// Variants of the Reward Projection Layer.
public enum HeadArchitecture: String, Codable, Sendable, Hashable, CaseIterable {
    /// The complete layer, as in the paper.
    case projection = "rpl"
    /// Logistic regression: the last layer alone, applied to the embedding. A file has only
    /// `out.weight` and `out.bias`.
    case linear
    /// Without normalization: gain and offset of a norm are applied to the ReLU's output directly.
    case noNorm = "no_norm"
    /// Without the residual connection around the two layers.
    case noResidual = "no_residual"
}
