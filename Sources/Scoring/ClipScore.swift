public import Frames
public import Reward

/// The score of one clip.
public struct ClipScore: Sendable, Hashable {
    /// The decoded frames that the encoder saw, from 0; repeated where the input is too short.
    public let indices: [Int]
    /// Presentation times of the clip's first frame and of the end of its last one, in seconds.
    public let startSeconds: Double?
    public let endSeconds: Double?
    public let score: Score
    /// Why the clip shows nothing; nil if it shows something.
    public let degeneracy: Degeneracy?

    public init(
        indices: [Int], startSeconds: Double?, endSeconds: Double?, score: Score,
        degeneracy: Degeneracy? = nil
    ) {
        self.indices = indices
        self.startSeconds = startSeconds
        self.endSeconds = endSeconds
        self.score = score
        self.degeneracy = degeneracy
    }
}
