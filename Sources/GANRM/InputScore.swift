public import Reward
public import Scoring

/// What became of one input: a score, or the reason why there is none.
public struct InputScore: Sendable {
    public let request: Request
    public let outcome: InputOutcome
    /// In order of time.
    public let clips: [ClipScore]

    /// The mean of the clips' scores, see `Pooling`; nil if the input failed or gave no clip.
    public var score: Score? {
        guard case .finished = outcome else { return nil }
        return Pooling.pool(clips.map { $0.score })
    }
}
