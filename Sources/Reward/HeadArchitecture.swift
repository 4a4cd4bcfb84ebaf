/// Which parts of the Reward Projection Layer a head has.
///
/// All but `noResidual` are written as a whole Reward Projection Layer, which PyTorch loads.
public enum HeadArchitecture: String, Codable, Sendable, Hashable, CaseIterable {
    /// All of them, as in the paper.
    case projection = "rpl"
    /// The last layer alone, on the embedding itself: logistic regression. In the file the branch
    /// beside the shortcut is multiplied by 0.
    case linear
    /// Without normalisation: gain and offset of a norm follow the ReLU directly.
    case noNorm = "no_norm"
    /// Without the shortcut around the two layers.
    case noResidual = "no_residual"
}
