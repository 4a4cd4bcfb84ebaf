public import Frames
public import Media

/// A clip that went through an encoder.
public struct EncodedClip: Sendable, Hashable {
    /// The decoded frames that the encoder saw, from 0; repeated where the input is too short.
    public let indices: [Int]
    /// Presentation times of the clip's first frame and of the end of its last one, in seconds.
    public let startSeconds: Double?
    public let endSeconds: Double?
    /// `[2 · width · taps]`.
    public let embedding: [Float]
    /// Why the clip shows nothing; nil if it shows something.
    public let degeneracy: Degeneracy?

    public init(
        indices: [Int], startSeconds: Double?, endSeconds: Double?, embedding: [Float],
        degeneracy: Degeneracy? = nil
    ) {
        self.indices = indices
        self.startSeconds = startSeconds
        self.endSeconds = endSeconds
        self.embedding = embedding
        self.degeneracy = degeneracy
    }
}

/// An input as it was read to its end, with all its clips encoded.
public struct EncodedInput: Sendable, Hashable {
    public let summary: ReadSummary
    /// In order of time.
    public let clips: [EncodedClip]

    public init(summary: ReadSummary, clips: [EncodedClip]) {
        self.summary = summary
        self.clips = clips
    }
}
