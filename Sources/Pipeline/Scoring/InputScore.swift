package import Frames
package import Reward
package import Scoring

/// The result of one input: a score, or the reason for its failure.
package struct InputScore: Sendable {
    package let request: Request
    package let outcome: InputOutcome
    /// Scores of the clips, in order of time; empty if the run does not keep them.
    package let clips: [ClipScore]
    /// Why the input is degenerate, such as all black; nil if it is not.
    package let degeneracy: Degeneracy?
    /// Clips that were dropped because the encoder was busy: see `EncodingPipeline.isRealTime`.
    package let droppedClips: Int
    let pooling: Pooling

    /// The mean of the clips' scores, see `Pooling`; nil if the input failed or gave no clip.
    package var score: Score? {
        guard case .finished = outcome else { return nil }
        return pooling.score
    }
}
