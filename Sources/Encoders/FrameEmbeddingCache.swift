import OrderedCollections

/// A cache of an image encoder's most recent frame embeddings, so that frames of overlapping clips
/// are encoded once.
///
/// Frames are equal if all their pixels are.
package struct FrameEmbeddingCache<Embedding: Sendable>: Sendable {
    package init() {}

    /// Oldest first.
    private var embeddings: OrderedDictionary<FrameRequest, Embedding> = [:]

    /// The embeddings of all frames, in order. `embed` computes those that are not cached, once.
    ///
    /// - Parameter capacity: Number of frames to cache for the next call.
    package mutating func embeddings(
        of frames: [FrameRequest], capacity: Int,
        embed: (_ unknown: [FrameRequest]) throws(EncoderError) -> [Embedding]
    ) throws(EncoderError) -> [Embedding] {
        var unknown: OrderedSet<FrameRequest> = []
        // Requests with content come first: they also serve those without.
        for frame in frames.filter(\.wantsContent) + frames.filter({ !$0.wantsContent })
        where embedding(of: frame) == nil && !unknown.contains(frame.withContent) {
            unknown.append(frame)
        }
        for (frame, embedding) in zip(unknown, try embed(unknown.elements)) {
            embeddings[frame] = embedding
        }
        let found = frames.map { frame in
            guard let embedding = embedding(of: frame) else {
                preconditionFailure("unknown frames have been embedded")
            }
            return embedding
        }
        embeddings.removeFirst(max(0, embeddings.count - capacity))
        return found
    }

    private func embedding(of frame: FrameRequest) -> Embedding? {
        embeddings[frame.withContent] ?? embeddings[frame]
    }
}

/// A prepared frame and the requested outputs. Equality compares all pixels, the hash samples some.
package struct FrameRequest: Hashable, Sendable {
    package let pixels: [UInt8]
    /// Whether the content embedding is requested, not only the patch tokens for motion features.
    package var wantsContent: Bool

    package init(_ pixels: [UInt8], wantsContent: Bool = true) {
        self.pixels = pixels
        self.wantsContent = wantsContent
    }

    fileprivate var withContent: FrameRequest { FrameRequest(pixels) }

    package func hash(into hasher: inout Hasher) {
        // Otherwise two requests for one frame would collide, and all their pixels be compared.
        hasher.combine(wantsContent)
        pixels.withUnsafeBytes { bytes in
            // Samples about 2000 bytes: hashing all would cost more than normalizing the frame.
            for start in stride(from: 0, to: bytes.count, by: max(64, bytes.count / 32)) {
                hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: bytes[start...].prefix(64)))
            }
        }
    }
}
