public import Frames
public import Reward
public import Scoring

/// The result of one input: a score, or the reason for its failure.
public struct InputScore: Sendable {
    public let request: Request
    public let outcome: InputOutcome
    /// Scores of the clips, in order of time; empty if the run does not keep them.
    public let clips: [ClipScore]
    /// Why the input is degenerate, such as all black; nil if it is not.
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
