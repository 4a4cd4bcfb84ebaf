import Media
public import Scoring
import Store

extension Scorer {
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
