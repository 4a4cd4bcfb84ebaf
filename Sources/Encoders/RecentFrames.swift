/// What an image encoder made of the frames that it saw last: clips of a stream may overlap, and each frame
/// is encoded once.
///
/// Frames are the same if all their pixels are.
package struct RecentFrames<Embedding: Sendable>: Sendable {
    package init() {}

    private var embeddings: [FrameRequest: Embedding] = [:]
    /// The oldest first.
    private var order: [FrameRequest] = []

    /// The embeddings of all frames, in order; those that are not known are made by `embed`, each once.
    ///
    /// - Parameter capacity: Frames to remember for the next call.
    package mutating func embeddings(
        of frames: [FrameRequest], capacity: Int,
        embed: (_ unknown: [FrameRequest]) throws(EncoderError) -> [Embedding]
    ) throws(EncoderError) -> [Embedding] {
        var unknown: [FrameRequest] = []
        var met: Set<FrameRequest> = []
        // Those with content first: they will do for those without.
        for frame in frames.filter(\.wantsContent) + frames.filter({ !$0.wantsContent })
        where embedding(of: frame) == nil && !met.contains(frame.withContent) {
            if met.insert(frame).inserted { unknown.append(frame) }
        }
        for (frame, embedding) in zip(unknown, try embed(unknown)) {
            embeddings[frame] = embedding
            order.append(frame)
        }
        let found = frames.compactMap(embedding)
        for frame in order.dropLast(capacity) { embeddings[frame] = nil }
        order = order.suffix(capacity)
        return found
    }

    private func embedding(of frame: FrameRequest) -> Embedding? {
        embeddings[frame.withContent] ?? embeddings[frame]
    }
}

/// A prepared frame and what is wanted of it; as a key equal if all pixels are, found by some of them.
package struct FrameRequest: Hashable, Sendable {
    package let pixels: [UInt8]
    /// Whether its content is wanted, and not only its patch tokens after the block that is followed.
    package var wantsContent: Bool

    package init(_ pixels: [UInt8], wantsContent: Bool = true) {
        self.pixels = pixels
        self.wantsContent = wantsContent
    }

    fileprivate var withContent: FrameRequest { FrameRequest(pixels) }

    package func hash(into hasher: inout Hasher) {
        // Else two requests for one frame would meet, and all their pixels be compared in vain.
        hasher.combine(wantsContent)
        pixels.withUnsafeBytes { bytes in
            // About 2000 bytes, from everywhere: all would cost more than a frame's normalisation.
            for start in stride(from: 0, to: bytes.count, by: max(64, bytes.count / 32)) {
                hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: bytes[start...].prefix(64)))
            }
        }
    }
}
