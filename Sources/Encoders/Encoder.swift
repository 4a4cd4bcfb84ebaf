import Synchronization
public import Tensors

/// A frozen vision encoder: prepared frames in, embeddings out.
///
/// A video encoder (`configuration.frameCount` above 1) lets all frames of a clip attend to each
/// other; an image encoder embeds each frame and averages CLS and mean over the frames. An image
/// is a clip of one frame for both. The embedding of a clip is the same to the last bit whatever
/// else is in the batch and however many threads there are.
public final class Encoder: Sendable {
    public let name: String
    public let configuration: VisionTransformerConfiguration
    public let preprocessing: Preprocessing
    public let precision: Precision
    /// The blocks whose tokens are pooled, 1 the first, ascending.
    public let taps: [Int]
    /// What motion is taken from; nil: embeddings say nothing of it.
    public let motion: MotionRecipe?
    /// SHA-256 of architecture and weights, in hexadecimal; the same for every container, naming
    /// scheme and float type that holds the same numbers.
    public let fingerprint: String

    private let transformer: VisionTransformer
    private let preprocessor: Preprocessor
    /// Of an image encoder.
    private let recentFrames = Mutex(RecentFrames<Embedding>())

    /// - Parameters:
    ///   - name: The catalogue's name, or what the user calls it.
    ///   - taps: nil for the last block alone.
    ///   - motion: nil for embeddings that say nothing of it.
    ///   - threadCount: Threads that compute at once, at least 1.
    public init(
        name: String, configuration: VisionTransformerConfiguration,
        preprocessing: Preprocessing, weights: WeightFile, precision: Precision,
        taps: [Int]? = nil, motion: MotionRecipe? = nil, threadCount: Int
    ) throws(EncoderError) {
        if let problem = preprocessing.problem { throw .impossibleConfiguration(reason: problem) }
        guard preprocessing.crop == configuration.imageSize else {
            throw .impossibleConfiguration(
                reason: """
                    frames are prepared at \(preprocessing.crop) pixels, but the encoder takes \
                    \(configuration.imageSize)
                    """)
        }
        var motion = motion
        if configuration.frameCount > 1 { motion?.contentFrames = nil }
        try motion?.check()
        preprocessor = Preprocessor(preprocessing)
        transformer = try VisionTransformer(
            configuration: configuration, weights: weights, precision: precision, taps: taps,
            motionBlock: motion?.block, threadCount: threadCount)
        fingerprint = try EncoderFingerprint.compute(configuration, weights: weights)
        self.name = name
        self.configuration = configuration
        self.preprocessing = preprocessing
        self.precision = precision
        self.taps = transformer.taps
        self.motion = motion
    }

    /// What embeddings made here are comparable with.
    public var identity: EncoderIdentity {
        EncoderIdentity(
            name: name, fingerprint: fingerprint, preprocessing: preprocessing, taps: taps,
            motion: motion, embeddingWidth: embeddingWidth)
    }

    /// Numbers per embedding: 2 · width · taps, and those of motion.
    public var embeddingWidth: Int {
        2 * configuration.width * taps.count + (motion == nil ? 0 : MotionRecipe.featureCount)
    }

    /// Operations of the blocks' matrix products for one clip whose frames all follow each other, as
    /// `VisionTransformerConfiguration.operations` counts them.
    public func operations(frameCount: Int) -> Double {
        guard configuration.frameCount == 1 else {
            return configuration.operations(frames: frameCount, blocks: taps.last)
        }
        let seen = layout(frameCount: frameCount, bursts: nil).content.count
        return Double(seen) * configuration.operations(frames: 1, blocks: taps.last)
            + Double(frameCount - seen) * configuration.operations(frames: 1, blocks: motion?.block)
    }

    /// Embeds clips of prepared frames.
    ///
    /// - Parameters:
    ///   - clips: Each a list of frames of 8-bit RGB, `[crop, crop, 3]`: any number of them for an
    ///     image encoder, one or `configuration.frameCount` for a video encoder.
    ///   - bursts: Of each clip, which of its frames follow each other evenly; nil: all of them do.
    ///   - reusesFrames: An image encoder embeds a frame once if clips overlap, within a call and from one
    ///     call to the next.
    ///   - profile: What the time is added to; nil: nobody measures.
    /// - Returns: One embedding per clip, `embeddingWidth` numbers: tap by tap CLS, then mean; then motion.
    public func embed(
        clips: [[[UInt8]]], bursts: [[[Int]]]? = nil, reusesFrames: Bool = true,
        profile: EncodingProfile? = nil
    ) throws(EncoderError) -> [[Float]] {
        let byteCount = configuration.imageSize * configuration.imageSize * 3
        for clip in clips {
            guard !clip.isEmpty else { throw .unsuitableClip(reason: "a clip has no frames") }
            guard clip.allSatisfy({ $0.count == byteCount }) else {
                throw .unsuitableClip(
                    reason: """
                        a prepared frame is not \(configuration.imageSize) × \
                        \(configuration.imageSize) pixels of RGB
                        """)
            }
        }
        let isVideo = configuration.frameCount > 1
        let longest = clips.map(\.count).max() ?? 0
        var embeddings: [[Float]] = []
        for part in parts(of: clips) {
            let layouts = part.map { clip in
                layout(frameCount: clips[clip].count, bursts: bursts?[clip])
            }
            let frames =
                isVideo
                ? []
                : zip(part, layouts).flatMap { clip, layout in
                    clips[clip].enumerated().map { place, pixels in
                        FrameRequest(pixels, wantsContent: layout.content.contains(place))
                    }
                }
            let made =
                isVideo
                ? try self.embeddings(of: Array(clips[part]), profile)
                : reusesFrames
                    ? try reusedEmbeddings(of: frames, longest: longest, profile)
                    : try self.embeddings(of: frames, profile)
            var rest = made[...]
            for (clip, layout) in zip(part, layouts) {
                let count = isVideo ? 1 : clips[clip].count
                embeddings.append(embedding(of: Array(rest.prefix(count)), layout))
                rest = rest.dropFirst(count)
            }
        }
        return embeddings
    }

    /// What is made of which frames of a clip.
    private struct ClipLayout {
        /// Places of frames that are followed, piece by piece.
        var pieces: [[Int]]
        /// Places of frames whose content counts.
        var content: Set<Int>
    }

    /// - Parameter bursts: nil: all frames follow each other.
    private func layout(frameCount: Int, bursts: [[Int]]?) -> ClipLayout {
        let places = Array(0..<frameCount)
        guard let motion else { return ClipLayout(pieces: [], content: Set(places)) }
        let bursts = bursts ?? [places]
        return ClipLayout(
            pieces: motion.pieces(of: bursts),
            content: Set(motion.contentPlaces(of: bursts) ?? places))
    }

    /// Clips that are embedded together: all, or where patch tokens are kept as many as have about 64 frames.
    private func parts(of clips: [[[UInt8]]]) -> [Range<Int>] {
        guard motion != nil else { return clips.isEmpty ? [] : [clips.indices] }
        var parts: [Range<Int>] = []
        var frames = 0
        for (index, clip) in clips.enumerated() {
            if let last = parts.last, frames + clip.count <= 64 {
                parts[parts.count - 1] = last.lowerBound..<index + 1
            } else {
                parts.append(index..<index + 1)
                frames = 0
            }
            frames += clip.count
        }
        return parts
    }

    /// An embedding for each list of frames that attend to each other.
    private func embeddings(
        of clips: [[[UInt8]]], _ profile: EncodingProfile?
    ) throws(EncoderError) -> [Embedding] {
        let pixels = clips.map { PixelClip(frames: $0, normalised: preprocessor.normalised) }
        return try transformer.embed(pixels, profile: profile)
    }

    /// An embedding for each frame; those whose content is not wanted go no farther than the block that is followed.
    private func embeddings(
        of frames: [FrameRequest], _ profile: EncodingProfile?
    ) throws(EncoderError) -> [Embedding] {
        var embeddings = [Embedding?](repeating: nil, count: frames.count)
        for wantsContent in [true, false] {
            let places = frames.indices.filter { frames[$0].wantsContent == wantsContent }
            let pixels = places.map { place in
                PixelClip(frames: [frames[place].pixels], normalised: preprocessor.normalised)
            }
            let made = try transformer.embed(
                pixels, untilMotionBlock: !wantsContent, profile: profile)
            for (place, embedding) in zip(places, made) { embeddings[place] = embedding }
        }
        return embeddings.compactMap(\.self)
    }

    /// An embedding for each frame, of which some may have been seen before.
    ///
    /// - Parameter longest: Frames of the longest clip. Twice as many are remembered from call to call: enough if
    ///   a clip shares frames with the one before it or the one before that, which is always so with a clip
    ///   rate, and with a stride if the hop is a multiple of its half.
    private func reusedEmbeddings(
        of frames: [FrameRequest], longest: Int, _ profile: EncodingProfile?
    ) throws(EncoderError) -> [Embedding] {
        // Patch tokens are large.
        let capacity = min(2 * longest, motion == nil ? .max : 64)
        return try recentFrames.withLock { recent throws(EncoderError) in
            try recent.embeddings(of: frames, capacity: capacity) { unknown throws(EncoderError) in
                try embeddings(of: unknown, profile)
            }
        }
    }

    /// Embeds clips of ready-made pixels: as `embed(clips:)`, but normalised already.
    ///
    /// - Parameter pixels: Each `[T, 3, imageSize, imageSize]`.
    public func embed(pixels: [PixelClip]) throws(EncoderError) -> [[Float]] {
        var embeddings: [[Float]] = []
        for clip in pixels {
            let made = try transformer.embed(
                configuration.frameCount > 1 ? [clip] : clip.singleFrames)
            let layout = layout(frameCount: clip.frameCount, bursts: nil)
            embeddings.append(embedding(of: made, layout))
        }
        return embeddings
    }

    /// A clip's embedding from those of its frames, or the only one of all of them.
    private func embedding(of frames: [Embedding], _ layout: ClipLayout) -> [Float] {
        let isVideo = configuration.frameCount > 1
        let seen = isVideo ? frames : layout.content.sorted().map { frames[$0] }
        let content = Self.mean(seen.map(\.vector))
        guard motion != nil else { return content }
        let patches = frames.flatMap(\.patches)
        let pieces = layout.pieces.map { $0.map { patches[$0] } }
        return content + MotionFeatures.features(of: pieces, width: configuration.width)
    }

    private static func mean(_ vectors: [[Float]]) -> [Float] {
        guard vectors.count > 1 else { return vectors.first ?? [] }
        var sums = [Double](repeating: 0, count: vectors.first?.count ?? 0)
        for vector in vectors {
            for (i, number) in vector.enumerated() { sums[i] += Double(number) }
        }
        return sums.map { Float($0 / Double(vectors.count)) }
    }
}
