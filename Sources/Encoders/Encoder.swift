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
    /// SHA-256 of architecture and weights, in hexadecimal; the same for every container, naming
    /// scheme and float type that holds the same numbers.
    public let fingerprint: String

    private let transformer: VisionTransformer
    private let preprocessor: Preprocessor
    /// Of an image encoder.
    private let recentFrames = Mutex(RecentFrames())

    /// - Parameters:
    ///   - name: The catalogue's name, or what the user calls it.
    ///   - taps: nil for the last block alone.
    ///   - threadCount: Threads that compute at once, at least 1.
    public init(
        name: String, configuration: VisionTransformerConfiguration,
        preprocessing: Preprocessing, weights: WeightFile, precision: Precision,
        taps: [Int]? = nil, threadCount: Int
    ) throws(EncoderError) {
        if let problem = preprocessing.problem { throw .impossibleConfiguration(reason: problem) }
        guard preprocessing.crop == configuration.imageSize else {
            throw .impossibleConfiguration(
                reason: """
                    frames are prepared at \(preprocessing.crop) pixels, but the encoder takes \
                    \(configuration.imageSize)
                    """)
        }
        preprocessor = Preprocessor(preprocessing)
        transformer = try VisionTransformer(
            configuration: configuration, weights: weights, precision: precision, taps: taps,
            threadCount: threadCount)
        fingerprint = try EncoderFingerprint.compute(configuration, weights: weights)
        self.name = name
        self.configuration = configuration
        self.preprocessing = preprocessing
        self.precision = precision
        self.taps = transformer.taps
    }

    /// What embeddings made here are comparable with.
    public var identity: EncoderIdentity {
        EncoderIdentity(
            name: name, fingerprint: fingerprint, preprocessing: preprocessing, taps: taps,
            embeddingWidth: embeddingWidth)
    }

    /// Numbers per embedding: 2 · width · taps.
    public var embeddingWidth: Int { 2 * configuration.width * taps.count }

    /// Embeds clips of prepared frames.
    ///
    /// - Parameters:
    ///   - clips: Each a list of frames of 8-bit RGB, `[crop, crop, 3]`: any number of them for an
    ///     image encoder, one or `configuration.frameCount` for a video encoder.
    ///   - reusesFrames: An image encoder embeds a frame once if clips overlap, within a call and from one
    ///     call to the next.
    ///   - profile: What the time is added to; nil: nobody measures.
    /// - Returns: One embedding per clip, `embeddingWidth` numbers: tap by tap CLS, then mean.
    public func embed(
        clips: [[[UInt8]]], reusesFrames: Bool = true, profile: EncodingProfile? = nil
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
        if configuration.frameCount > 1 { return try vectors(of: clips, profile) }
        let frames = clips.flatMap(\.self)
        let vectors =
            reusesFrames
            ? try reusingVectors(of: frames, longest: clips.map(\.count).max() ?? 0, profile)
            : try vectors(of: frames.map { [$0] }, profile)
        var embeddings: [[Float]] = []
        var first = 0
        for clip in clips {
            embeddings.append(Self.mean(vectors[first..<first + clip.count]))
            first += clip.count
        }
        return embeddings
    }

    /// A vector for each list of frames that attend to each other.
    private func vectors(
        of clips: [[[UInt8]]], _ profile: EncodingProfile?
    ) throws(EncoderError) -> [[Float]] {
        let pixels = clips.map { PixelClip(frames: $0, normalised: preprocessor.normalised) }
        return try transformer.embed(pixels, profile: profile).map(\.vector)
    }

    /// A vector for each frame, of which some may have been seen before.
    ///
    /// - Parameter longest: Frames of the longest clip. Twice as many are remembered from call to call: enough if
    ///   a clip shares frames with the one before it or the one before that, which is always so with a clip
    ///   rate, and with a stride if the hop is a multiple of its half.
    private func reusingVectors(
        of frames: [[UInt8]], longest: Int, _ profile: EncodingProfile?
    ) throws(EncoderError) -> [[Float]] {
        try recentFrames.withLock { recent throws(EncoderError) in
            try recent.vectors(of: frames, capacity: 2 * longest) { unknown throws(EncoderError) in
                try vectors(of: unknown.map { [$0] }, profile)
            }
        }
    }

    /// Embeds clips of ready-made pixels: as `embed(clips:)`, but normalised already.
    ///
    /// - Parameter pixels: Each `[T, 3, imageSize, imageSize]`.
    public func embed(pixels: [PixelClip]) throws(EncoderError) -> [[Float]] {
        if configuration.frameCount > 1 { return try transformer.embed(pixels).map(\.vector) }
        var embeddings: [[Float]] = []
        for clip in pixels {
            let vectors = try transformer.embed(clip.singleFrames).map(\.vector)
            embeddings.append(Self.mean(vectors[...]))
        }
        return embeddings
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
