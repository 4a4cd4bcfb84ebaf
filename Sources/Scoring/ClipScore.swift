public import Frames
public import Reward

/// The score of one clip.
public struct ClipScore: Sendable, Hashable {
    /// Zero-based indices of the decoded frames; they repeat if the input is too short.
    public let indices: [Int]
    /// Presentation time of the clip's first frame, in seconds.
    public let startSeconds: Double?
    /// Presentation time of the end of the clip's last frame, in seconds.
    public let endSeconds: Double?
    public let score: Score
    /// Why the clip has no visible content; nil if it has.
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
