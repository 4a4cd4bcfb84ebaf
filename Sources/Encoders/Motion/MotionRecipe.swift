/// What an encoder takes motion from: see `MotionFeatures`.
public struct MotionRecipe: Sendable, Hashable, Codable {
    /// The block whose patch tokens are followed over the frames, 1 the first, at most the highest tap.
    public var block: Int
    /// Frames that are followed at a time, 4 to 16; longer sequences are cut into pieces of this length.
    public var burst: Int
    /// Of so many of `burst` frames an image encoder takes the content too, 1 to `burst`, evenly spread; the
    /// others go through the blocks up to `block` only. Nil: of all. A video encoder's frames attend to each
    /// other, so it takes the content of all.
    public var contentFrames: Int?
    /// Raised when the features are computed in another way.
    public var revision = current

    static let current = 2
    public static let bursts = 4...16

    public init(block: Int, burst: Int, contentFrames: Int? = nil) {
        self.block = block
        self.burst = burst
        self.contentFrames = contentFrames
    }

    /// How motion is taken where only the block is named: six frames at a time, of which an image encoder takes
    /// the content of two; a video encoder follows halves of its clips.
    ///
    /// - Parameter burst: nil: as said.
    public static func usual(
        block: Int, burst: Int? = nil, for configuration: VisionTransformerConfiguration
    ) -> MotionRecipe {
        guard configuration.frameCount == 1 else {
            return MotionRecipe(block: block, burst: burst ?? configuration.frameCount / 2)
        }
        return MotionRecipe(block: block, burst: burst ?? 6, contentFrames: 2)
    }

    /// Numbers that follow the `2 · width · taps` of an embedding.
    public static let featureCount = MotionFeatures.count
}

extension MotionRecipe {
    func check() throws(EncoderError) {
        guard revision == Self.current else { throw .unknownMotion(revision: revision) }
        guard Self.bursts.contains(burst) else { throw .impossibleBurst(burst) }
        guard (1...burst).contains(contentFrames ?? 1) else {
            throw .impossibleContent(frames: contentFrames ?? 1, burst: burst)
        }
    }

    /// Places of frames that follow each other, cut into pieces of `burst`; where the length is no multiple of it, pieces
    /// overlap. Of shorter sequences there is a piece only if all are shorter.
    func pieces(of bursts: [[Int]]) -> [[Int]] {
        let long = bursts.filter { $0.count >= burst }
        guard !long.isEmpty else { return bursts }
        return long.flatMap { places in
            let count = (places.count + burst - 1) / burst
            return (0..<count).map { piece in
                let start = piece * (places.count - burst) / max(count - 1, 1)
                return Array(places[start..<start + burst])
            }
        }
    }

    /// Places of the frames whose content counts, of those that follow each other; nil: that of all frames of the clip.
    func contentPlaces(of bursts: [[Int]]) -> [Int]? {
        guard let contentFrames, !bursts.isEmpty else { return nil }
        return bursts.flatMap { places in
            let pieces = (places.count + burst - 1) / burst
            let count = min(contentFrames * pieces, places.count)
            return (0..<count).map { places[(2 * $0 + 1) * places.count / (2 * count)] }
        }
    }
}
