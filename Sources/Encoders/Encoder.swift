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
        if let motion, !MotionRecipe.bursts.contains(motion.burst) {
            throw .impossibleBurst(motion.burst)
        }
        preprocessor = Preprocessor(preprocessing)
        transformer = try VisionTransformer(
            configuration: configuration, weights: weights, precision: precision, taps: taps,
            followedBlock: motion?.block, threadCount: threadCount)
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
            let frames = isVideo ? [] : clips[part].flatMap(\.self)
            let made =
                isVideo
                ? try self.embeddings(of: Array(clips[part]), profile)
                : reusesFrames
                    ? try reusedEmbeddings(of: frames, longest: longest, profile)
                    : try self.embeddings(of: frames.map { [$0] }, profile)
            var rest = made[...]
            for clip in part {
                let count = isVideo ? 1 : clips[clip].count
                embeddings.append(embedding(of: rest.prefix(count), bursts: bursts?[clip]))
                rest = rest.dropFirst(count)
            }
        }
        return embeddings
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

    /// An embedding for each frame, of which some may have been seen before.
    ///
    /// - Parameter longest: Frames of the longest clip. Twice as many are remembered from call to call: enough if
    ///   a clip shares frames with the one before it or the one before that, which is always so with a clip
    ///   rate, and with a stride if the hop is a multiple of its half.
    private func reusedEmbeddings(
        of frames: [[UInt8]], longest: Int, _ profile: EncodingProfile?
    ) throws(EncoderError) -> [Embedding] {
        // Patch tokens are large.
        let capacity = min(2 * longest, motion == nil ? .max : 64)
        return try recentFrames.withLock { recent throws(EncoderError) in
            try recent.embeddings(of: frames, capacity: capacity) { unknown throws(EncoderError) in
                try embeddings(of: unknown.map { [$0] }, profile)
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
            embeddings.append(embedding(of: made[...], bursts: nil))
        }
        return embeddings
    }

    /// A clip's embedding from those of its frames, or the only one of all of them.
    private func embedding(of frames: ArraySlice<Embedding>, bursts: [[Int]]?) -> [Float] {
        let content = Self.mean(frames.map(\.vector)[...])
        guard let motion else { return content }
        let patches = frames.flatMap(\.patches)
        let bursts = bursts ?? [Array(patches.indices)]
        var pieces = bursts.flatMap { burst in
            stride(from: 0, through: burst.count - motion.burst, by: motion.burst).map { start in
                Array(burst[start..<start + motion.burst])
            }
        }
        // A short video has no piece of the full length.
        if pieces.isEmpty, let longest = bursts.max(by: { $0.count < $1.count }) {
            pieces = [longest]
        }
        return content
            + MotionFeatures.features(
                of: pieces.map { $0.map { patches[$0] } }, width: configuration.width)
    }

    private static func mean(_ vectors: ArraySlice<[Float]>) -> [Float] {
        guard vectors.count > 1 else { return vectors.first ?? [] }
        var sums = [Double](repeating: 0, count: vectors.first?.count ?? 0)
        for vector in vectors {
            for (i, number) in vector.enumerated() { sums[i] += Double(number) }
        }
        return sums.map { Float($0 / Double(vectors.count)) }
    }
}
