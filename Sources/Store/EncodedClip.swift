public import Frames
public import Media

/// A clip's embedding, with the frames and times that it covers.
public struct EncodedClip: Sendable, Hashable {
    /// Indices of the encoded frames among the decoded ones, from 0; repeated if the input is too
    /// short.
    public let indices: [Int]
    /// Presentation times of the clip's first frame and of the end of its last one, in seconds.
    public let startSeconds: Double?
    public let endSeconds: Double?
    /// Embedding, `[2 · width · taps]`, followed by motion features if the encoder has them.
    public let embedding: [Float]
    /// The reason why the clip has no content; nil if it has content.
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

/// An input that was read to its end, with all its clips encoded.
public struct EncodedInput: Sendable, Hashable {
    public let summary: ReadSummary
    /// The clips in order of time.
    public let clips: [EncodedClip]

    public init(summary: ReadSummary, clips: [EncodedClip]) {
        self.summary = summary
        self.clips = clips
    }
}

extension EncodedInput {
    /// Whether all values of the embeddings are finite.
    var isFinite: Bool { clips.allSatisfy { $0.embedding.allSatisfy(\.isFinite) } }
}
