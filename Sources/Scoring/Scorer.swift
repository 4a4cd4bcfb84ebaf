import Encoders
public import Reward
import Tensors

/// A reward model with its encoders; maps embeddings to scores.
public struct Scorer: Sendable {
    public let model: RewardModel
    /// Name of the model in result rows: `default`, or the path it was loaded from.
    public let name: String
    public let encoders: EncoderSet

    public init(model: RewardModel, name: String, encoders: EncoderSet) {
        self.model = model
        self.name = name
        self.encoders = encoders
    }

    /// Warnings for users of the model, one sentence each.
    public var warnings: [String] {
        let unfamiliar =
            model.familiarity == nil
            ? """
            the reward model '\(name)' does not know what it was trained on, as those of ganrm 0.1 do not: black \
            frames or noise may get its best scores; train it again
            """ : nil
        return [unfamiliar, ComputeKernels.warning].compactMap { $0 }
    }

    /// Scores embeddings, each `[2 · width · taps]`, with the motion features appended if any.
    public func scores(_ embeddings: [[Float]]) -> [Score] {
        guard let width = embeddings.first?.count else { return [] }
        return model.scores(
            Tensor(shape: [embeddings.count, width], elements: embeddings.flatMap(\.self)))
    }
}
