public import Reward

/// The score of one clip.
public struct ClipScore: Sendable, Hashable {
    /// The decoded frames that the encoder saw, from 0; repeated where the input is too short.
    public let indices: [Int]
    /// Presentation times of the clip's first frame and of the end of its last one, in seconds.
    public let startSeconds: Double?
    public let endSeconds: Double?
    public let score: Score

    public init(indices: [Int], startSeconds: Double?, endSeconds: Double?, score: Score) {
        self.indices = indices
        self.startSeconds = startSeconds
        self.endSeconds = endSeconds
        self.score = score
    }
}

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
