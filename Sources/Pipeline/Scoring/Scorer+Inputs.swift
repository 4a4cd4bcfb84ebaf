import Frames
import Media
import Reward
package import Scoring
package import Store

extension Scorer {
    /// Scores inputs one after another; see `EncodingPipeline.run` for threads, order and errors.
    ///
    /// - Parameters:
    ///   - keepsClips: Whether results contain the scores of their clips. If false, memory does not
    ///     grow with the length of a stream.
    ///   - onDrop: Called with the number of clips that were dropped at this point.
    ///   - onClip: Called for each clip as soon as it is scored.
    ///   - onInvalidClip: Called for a clip without a finite score, whose input fails, with the reason.
    ///   - onEnd: Called once per request.
    package func run(
        _ pipeline: EncodingPipeline,
        next: @escaping @Sendable () -> Request?,
        interruption: Interruption = Interruption(),
        keepsClips: Bool = true,
        onDrop: (Request, Int) throws -> Void = { _, _ in },
        onClip: (OpenedInput, ClipScore) throws -> Void = { _, _ in },
        onInvalidClip: (OpenedInput, EncodedClip, String) throws -> Void = { _, _, _ in },
        onEnd: (InputScore) throws -> Void
    ) throws {
        var clips: [ClipScore] = []
        var pooling = Pooling()
        var degeneracy = DegeneracyPooling()
        var droppedClips = 0
        // Of the current input, from its first score that is not finite on.
        var failure: String?
        try pipeline.run(next: next, interruption: interruption) { events in
            var scores = scores(events.compactMap(\.embedding))[...]
            for event in events {
                switch event {
                case .clip(let input, let clip):
                    let clipScore = scores.removeFirst()
                    let checked: Score
                    do throws(RewardError) { checked = try clipScore.checked() } catch {
                        let reason = "'\(input.request.input)': \(error)"
                        failure = failure ?? reason
                        try onInvalidClip(input, clip, reason)
                        continue
                    }
                    let score = ClipScore(
                        indices: clip.indices, startSeconds: clip.startSeconds,
                        endSeconds: clip.endSeconds, score: checked,
                        degeneracy: clip.degeneracy)
                    pooling.add(score.score)
                    degeneracy.add(clip.degeneracy)
                    if keepsClips { clips.append(score) }
                    try onClip(input, score)
                case .invalidClip(let input, let clip, let reason):
                    try onInvalidClip(input, clip, reason)
                case .dropped(let request, let count):
                    droppedClips += count
                    try onDrop(request, count)
                case .end(let request, let outcome):
                    let result = InputScore(
                        request: request, outcome: failure.map { .failed($0) } ?? outcome,
                        clips: clips,
                        degeneracy: degeneracy.degeneracy, droppedClips: droppedClips,
                        pooling: pooling)
                    clips.removeAll(keepingCapacity: true)
                    pooling = Pooling()
                    degeneracy = DegeneracyPooling()
                    droppedClips = 0
                    failure = nil
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
