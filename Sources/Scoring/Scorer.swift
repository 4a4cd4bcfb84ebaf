public import Reward
import Tensors

/// A reward model with its encoders in memory: embeddings in, scores out.
public struct Scorer: Sendable {
    public let model: RewardModel
    /// What result rows call the model: `default`, or the path it was loaded from.
    public let name: String
    public let encoders: EncoderSet

    public init(model: RewardModel, name: String, encoders: EncoderSet) {
        self.model = model
        self.name = name
        self.encoders = encoders
    }

    /// Scores embeddings, each `[2 · width · taps]`.
    public func scores(_ embeddings: [[Float]]) -> [Score] {
        guard let width = embeddings.first?.count else { return [] }
        return model.ensemble.scores(
            Tensor(shape: [embeddings.count, width], elements: embeddings.flatMap(\.self)))
    }
}
