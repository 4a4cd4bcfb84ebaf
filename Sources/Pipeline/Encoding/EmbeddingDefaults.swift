public import Encoders
public import Frames
public import Reward

/// How inputs are embedded unless an option says otherwise: as for a reward model, whose embeddings
/// may be in the store, or as in an embedding file.
public struct EmbeddingDefaults: Sendable, Hashable {
    /// Taps, motion and preprocessing for encoders of these names, by kind of input.
    public var encoders: [MediaKind: EncoderIdentity]
    /// Sampling of files.
    public var sampling: Sampling

    public init(encoders: [MediaKind: EncoderIdentity], sampling: Sampling) {
        self.encoders = encoders
        self.sampling = sampling
    }

    public init(_ model: RewardModel) {
        self.init(encoders: model.encoders, sampling: model.sampling)
    }

    package init(_ embeddings: EmbeddingSet) {
        self.init(encoders: embeddings.encoders, sampling: embeddings.sampling)
    }
}
