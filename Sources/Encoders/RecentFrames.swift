/// What an image encoder made of the frames that it saw last: clips of a stream may overlap, and each frame
/// is encoded once.
///
/// Frames are the same if all their pixels are.
package struct RecentFrames<Embedding: Sendable>: Sendable {
    package init() {}

    private var embeddings: [PreparedFrame: Embedding] = [:]
    /// The oldest first.
    private var order: [PreparedFrame] = []

    /// The embeddings of all frames, in order; those that are not known are made by `embed`, each once.
    ///
    /// - Parameter capacity: Frames to remember for the next call.
    package mutating func embeddings(
        of frames: [[UInt8]], capacity: Int,
        embed: (_ unknown: [[UInt8]]) throws(EncoderError) -> [Embedding]
    ) throws(EncoderError) -> [Embedding] {
        let frames = frames.map(PreparedFrame.init)
        var unknown: [PreparedFrame] = []
        var met: Set<PreparedFrame> = []
        for frame in frames where embeddings[frame] == nil && met.insert(frame).inserted {
            unknown.append(frame)
        }
        for (frame, embedding) in zip(unknown, try embed(unknown.map(\.pixels))) {
            embeddings[frame] = embedding
            order.append(frame)
        }
        let found = frames.compactMap { embeddings[$0] }
        for frame in order.dropLast(capacity) { embeddings[frame] = nil }
        order = order.suffix(capacity)
        return found
    }
}

/// A frame as a key: equal if all its pixels are, found by some of them.
private struct PreparedFrame: Hashable {
    let pixels: [UInt8]

    func hash(into hasher: inout Hasher) {
        pixels.withUnsafeBytes { bytes in
            // About 2000 bytes, from everywhere: all would cost more than a frame's normalisation.
            for start in stride(from: 0, to: bytes.count, by: max(64, bytes.count / 32)) {
                hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: bytes[start...].prefix(64)))
            }
        }
    }
}
