import Encoders
import Media
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

    /// Scores one embedding, `[2 · width · taps]`.
    public func score(_ embedding: [Float]) -> Score {
        model.head.scores(Tensor(shape: [1, embedding.count], elements: embedding))[0]
    }

    /// Scores inputs one after another; see `EncodingPipeline.run` for the order of things.
    ///
    /// - Parameters:
    ///   - onClip: Called the moment a clip is scored.
    ///   - onEnd: Called once per request.
    public func run(
        _ pipeline: EncodingPipeline,
        next: @escaping @Sendable () -> Request?,
        interruption: Interruption = Interruption(),
        onClip: (OpenedInput, ClipScore) throws -> Void = { _, _ in },
        onEnd: (InputScore) throws -> Void
    ) throws {
        var clips: [ClipScore] = []
        try pipeline.run(
            next: next, interruption: interruption,
            onClip: { input, clip in
                let score = ClipScore(
                    indices: clip.indices, startSeconds: clip.startSeconds,
                    endSeconds: clip.endSeconds, score: score(clip.embedding))
                clips.append(score)
                try onClip(input, score)
            },
            onEnd: { request, outcome in
                let result = InputScore(request: request, outcome: outcome, clips: clips)
                clips.removeAll(keepingCapacity: true)
                try onEnd(result)
            })
    }
}
