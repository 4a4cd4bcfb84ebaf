import Encoders
import Media
public import Reward
import Store
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

    /// Scores inputs one after another; see `EncodingPipeline.run` for the order of things.
    ///
    /// - Parameters:
    ///   - onClip: Called for each clip, as soon as it is scored.
    ///   - onEnd: Called once per request.
    public func run(
        _ pipeline: EncodingPipeline,
        next: @escaping @Sendable () -> Request?,
        interruption: Interruption = Interruption(),
        onClip: (OpenedInput, ClipScore) throws -> Void = { _, _ in },
        onEnd: (InputScore) throws -> Void
    ) throws {
        var clips: [ClipScore] = []
        try pipeline.run(next: next, interruption: interruption) { events in
            var scores = scores(events.compactMap(\.embedding))[...]
            for event in events {
                switch event {
                case .clip(let input, let clip):
                    let score = ClipScore(
                        indices: clip.indices, startSeconds: clip.startSeconds,
                        endSeconds: clip.endSeconds, score: scores.removeFirst())
                    clips.append(score)
                    try onClip(input, score)
                case .end(let request, let outcome):
                    let result = InputScore(request: request, outcome: outcome, clips: clips)
                    clips.removeAll(keepingCapacity: true)
                    try onEnd(result)
                }
            }
        }
    }
}

extension PipelineEvent {
    fileprivate var embedding: [Float]? {
        if case .clip(_, let clip) = self { clip.embedding } else { nil }
    }
}
