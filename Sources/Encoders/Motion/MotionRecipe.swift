/// Settings of an encoder's motion features, see `MotionFeatures`.
public struct MotionRecipe: Sendable, Hashable, Codable {
    /// One-based number of the block whose patch tokens are used, at most the highest tap.
    public var block: Int
    /// Frames per burst, 4 to 16; longer sequences are split into bursts of this length.
    public var burst: Int
    /// Number of frames per burst, 1 to `burst`, evenly spaced, whose content embedding an image
    /// encoder computes; the others are computed up to `block` only. Nil selects all frames.
    /// Ignored by video encoders, whose frames attend to each other.
    public var contentFrames: Int?
    /// Revision of the computation of the features.
    public var revision = current

    static let current = 2
    /// Valid values of `burst`.
    public static let bursts = 4...16

    public init(block: Int, burst: Int, contentFrames: Int? = nil) {
        self.block = block
        self.burst = burst
        self.contentFrames = contentFrames
    }

    /// The default recipe for a block: for an image encoder, bursts of six frames, two of them with
    /// content; for a video encoder, bursts of half a clip.
    ///
    /// - Parameter burst: Nil selects the default.
    public static func usual(
        block: Int, burst: Int? = nil, for architecture: EncoderArchitecture
    ) -> MotionRecipe {
        guard architecture.frameCount == 1 else {
            return MotionRecipe(block: block, burst: burst ?? architecture.frameCount / 2)
        }
        return MotionRecipe(block: block, burst: burst ?? 6, contentFrames: 2)
    }

    /// Number of motion features, which follow the `2 · width · taps` elements of an embedding.
    public static let featureCount = MotionFeatures.count
}

extension MotionRecipe {
    /// - Throws: `EncoderError.unsupportedMotionRevision`, `.invalidBurstLength` or `.invalidContentFrames`.
    func check() throws(EncoderError) {
        guard revision == Self.current else { throw .unsupportedMotionRevision(revision: revision) }
        guard Self.bursts.contains(burst) else { throw .invalidBurstLength(burst) }
        guard (1...burst).contains(contentFrames ?? 1) else {
            throw .invalidContentFrames(frames: contentFrames ?? 1, burst: burst)
        }
    }

    /// Splits sequences of consecutive frames, given by their indices, into bursts of length
    /// `burst`, which overlap if the length is not a multiple. Shorter sequences are left out, or
    /// returned as they are if all are shorter.
    func pieces(of bursts: [[Int]]) -> [[Int]] {
        let long = bursts.filter { $0.count >= burst }
        guard !long.isEmpty else { return bursts }
        return long.flatMap { indices in
            let count = (indices.count + burst - 1) / burst
            return (0..<count).map { piece in
                let start = piece * (indices.count - burst) / max(count - 1, 1)
                return Array(indices[start..<start + burst])
            }
        }
    }

    /// Indices of the frames whose content embedding is computed; nil for all frames of the clip.
    func contentIndices(of bursts: [[Int]]) -> [Int]? {
        guard let contentFrames, !bursts.isEmpty else { return nil }
        return bursts.flatMap { indices in
            let pieces = (indices.count + burst - 1) / burst
            let count = min(contentFrames * pieces, indices.count)
            return (0..<count).map { indices[(2 * $0 + 1) * indices.count / (2 * count)] }
        }
    }
}
