public import Frames
public import Reward
public import Scoring

/// What became of one input: a score, or the reason why there is none.
public struct InputScore: Sendable {
    public let request: Request
    public let outcome: InputOutcome
    /// In order of time; empty if they were not to be kept.
    public let clips: [ClipScore]
    /// Why the input shows nothing; nil if it shows something.
    public let degeneracy: Degeneracy?
    /// Clips that were dropped because the encoder was busy: see `EncodingPipeline.isRealTime`.
    public let droppedClips: Int
    let pooling: Pooling

    /// The mean of the clips' scores, see `Pooling`; nil if the input failed or gave no clip.
    public var score: Score? {
        guard case .finished = outcome else { return nil }
        return pooling.score
    }
}
