package import Frames
import Statistics
import Synchronization
public import Tensors

/// A frozen vision encoder: maps clips of prepared frames to embeddings.
///
/// A video encoder (`architecture.frameCount` above 1) embeds all frames of a clip together; an image encoder embeds
/// each frame and averages over the frames. An image is a clip of one frame. The embedding of a clip is bit-identical
/// for any batch and thread count.
public final class Encoder: Sendable {
    public let name: String
    public let architecture: EncoderArchitecture
    public let preprocessing: Preprocessing
    public let precision: Precision
    /// One-based numbers of the blocks whose tokens are pooled, ascending; empty for a convolutional net.
    public let taps: [Int]
    /// Recipe of the motion features; nil for embeddings without them.
    public let motion: MotionRecipe?
    /// SHA-256 of architecture and weights, in hexadecimal; the same for every container, naming
    /// scheme and floating-point dtype with the same values.
    public let fingerprint: String

    /// Embedding width: 2 · width · taps, all tokens, or the features of a convolutional net, plus the motion features.
    public let embeddingWidth: Int

    /// Valid numbers of compute threads.
    package static let threadCounts = 1...1024

    private enum Network {
        case transformer(VisionTransformer)
        case convolutional(ConvolutionalNet)
    }

    private let network: Network
    private let preprocessor: Preprocessor
    /// Cache of frame embeddings of an image encoder.
    private let recentFrames = Mutex(FrameEmbeddingCache<Embedding>())

    /// - Parameters:
    ///   - name: The name in the catalogue, or one chosen by the user.
    ///   - taps: Nil uses the last block only.
    ///   - motion: Nil disables motion features.
    ///   - keepsTokens: Whether the embedding of an image is all tokens of a transformer that normalizes its output,
    ///     rather than CLS and mean.
    ///   - threadCount: Number of compute threads, 1 to 1024.
    public init(
        name: String, architecture: EncoderArchitecture,
        preprocessing: Preprocessing, weights: WeightFile, precision: Precision,
        taps: [Int]? = nil, motion: MotionRecipe? = nil, keepsTokens: Bool = false, threadCount: Int
    ) throws(EncoderError) {
        if let problem = preprocessing.problem { throw .invalidConfiguration(reason: problem) }
        guard let imageSize = architecture.imageSize, preprocessing.crop == imageSize else {
            throw .invalidConfiguration(
                reason: """
                    frames are prepared at \(preprocessing.crop) pixels, but the encoder takes \
                    \(architecture.imageSize.map { "\($0)" } ?? "them as they are")
                    """)
        }
        guard Self.threadCounts.contains(threadCount) else {
            throw .invalidConfiguration(
                reason:
                    "an encoder has 1 to \(Self.threadCounts.upperBound) threads, not \(threadCount)"
            )
        }
        var motion = motion
        if architecture.frameCount > 1 { motion?.contentFrames = nil }
        try motion?.check()
        preprocessor = Preprocessor(preprocessing)
        switch architecture {
        case .transformer(let configuration):
            let transformer = try VisionTransformer(
                configuration: configuration, weights: weights, precision: precision, taps: taps,
                motionBlock: motion?.block, keepsTokens: keepsTokens, threadCount: threadCount)
            network = .transformer(transformer)
            fingerprint = try EncoderFingerprint.compute(configuration, weights: weights)
            self.taps = transformer.taps
            let vectors =
                keepsTokens
                ? configuration.tokenCount(frames: configuration.frameCount)
                : 2 * transformer.taps.count
            embeddingWidth =
                vectors * configuration.width + (motion == nil ? 0 : MotionRecipe.featureCount)
        case .convolutional(let architecture):
            guard taps == nil || taps == [], motion == nil, !keepsTokens else {
                throw .invalidConfiguration(
                    reason:
                        "\(architecture.rawValue) has neither blocks to choose nor motion features")
            }
            guard precision == .f32 else {
                throw .invalidConfiguration(
                    reason:
                        "\(architecture.rawValue) computes in f32 only; ask for it by --precision f32"
                )
            }
            let net = try ConvolutionalNet(architecture, weights: weights, threadCount: threadCount)
            network = .convolutional(net)
            fingerprint = net.fingerprint
            self.taps = []
            embeddingWidth = architecture.outputChannels[0]
        }
        self.name = name
        self.architecture = architecture
        self.preprocessing = preprocessing
        self.precision = precision
        self.motion = motion
    }

    /// The identity of this encoder; embeddings of equal identities are comparable.
    public var identity: EncoderIdentity {
        EncoderIdentity(
            name: name, fingerprint: fingerprint, preprocessing: preprocessing, taps: taps,
            motion: motion, embeddingWidth: embeddingWidth)
    }

    /// Operations of the blocks' matrix products for one clip whose frames are all consecutive,
    /// counted as in `VisionTransformerConfiguration.operations`.
    public func operations(frameCount: Int) -> Double {
        let configuration: VisionTransformerConfiguration
        switch architecture {
        case .convolutional(let net):
            return net.operations * Double(frameCount / net.frameCount)
        case .transformer(let transformer): configuration = transformer
        }
        guard configuration.frameCount == 1 else {
            return configuration.operations(frames: frameCount, blocks: taps.last)
        }
        let contentCount = layout(frameCount: frameCount, bursts: nil).content.count
        return Double(contentCount) * configuration.operations(frames: 1, blocks: taps.last)
            + Double(frameCount - contentCount)
            * configuration.operations(frames: 1, blocks: motion?.block)
    }

    /// Why an embedding is of no use; nil if its values are finite. Finite weights that are too large
    /// overflow.
    package func problem(of embedding: [Float]) -> String? {
        Self.problem(of: embedding, name: name, precision: precision)
    }

    /// Whether the encoder embeds a single frame.
    package var embedsImages: Bool {
        switch architecture {
        case .transformer: true
        case .convolutional(let net): net.frameCount == 1
        }
    }

    /// Why a clip cannot be embedded: a convolutional net of videos does not take repeated frames. Nil if it can.
    ///
    /// - Parameter indices: Of the clip's frames; a short video repeats its last one.
    package func problem(ofFrames indices: [Int]) -> String? {
        guard !embedsImages else { return nil }
        let count = Set(indices).count
        return count == indices.count
            ? nil : "a clip has \(count) frames, and \(name) takes \(indices.count)"
    }

    static func problem(of embedding: [Float], name: String, precision: Precision) -> String? {
        embedding.allSatisfy(\.isFinite)
            ? nil
            : """
            the encoder '\(name)' gives an embedding with infinities or NaNs; its weights are damaged or too \
            large for \(precision.rawValue)
            """
    }

    /// Embeds clips of prepared frames.
    ///
    /// - Parameters:
    ///   - clips: Frames of each clip, as `Preprocessor.prepare` gives them, RGB, `[crop, crop, 3]`:
    ///     any number for an image encoder, one or `architecture.frameCount` for a video encoder; a
    ///     convolutional net does not take one.
    ///   - bursts: Indices of the evenly spaced consecutive frames of each clip, by burst; nil
    ///     treats all frames of a clip as one burst.
    ///   - reusesFrames: Whether an image encoder embeds a frame of overlapping clips only once,
    ///     within a call and across calls.
    ///   - profile: Profile to add times to; nil disables profiling.
    /// - Returns: One embedding per clip, `[embeddingWidth]`: CLS and mean of each tap, followed by
    ///   the motion features.
    /// - Throws: `EncoderError.invalidClip` if a clip has no frames or frames of the wrong size.
    public func embed(
        clips: [[[UInt8]]], bursts: [[[Int]]]? = nil, reusesFrames: Bool = true,
        profile: EncodingProfile? = nil
    ) throws(EncoderError) -> [[Float]] {
        let byteCount = preprocessor.byteCount
        for clip in clips {
            guard !clip.isEmpty else { throw .invalidClip(reason: "a clip has no frames") }
            guard clip.allSatisfy({ $0.count == byteCount }) else {
                throw .invalidClip(
                    reason: """
                        a prepared frame is not \(preprocessing.crop) × \(preprocessing.crop) pixels \
                        of RGB, \(8 * preprocessing.filter.bytesPerValue) bits per value
                        """)
            }
        }
        let isVideo = architecture.frameCount > 1
        let longest = clips.map(\.count).max() ?? 0
        var embeddings: [[Float]] = []
        for batch in batches(of: clips) {
            let layouts = batch.map { clip in
                layout(frameCount: clips[clip].count, bursts: bursts?[clip])
            }
            let frames =
                isVideo
                ? []
                : zip(batch, layouts).flatMap { clip, layout in
                    clips[clip].enumerated().map { index, pixels in
                        FrameRequest(pixels, wantsContent: layout.content.contains(index))
                    }
                }
            let outputs =
                isVideo
                ? try self.embeddings(of: Array(clips[batch]), profile)
                : reusesFrames
                    ? try reusedEmbeddings(of: frames, longest: longest, profile)
                    : try self.embeddings(of: frames, profile)
            var remaining = outputs[...]
            for (clip, layout) in zip(batch, layouts) {
                let count = isVideo ? 1 : clips[clip].count
                embeddings.append(embedding(of: Array(remaining.prefix(count)), layout))
                remaining = remaining.dropFirst(count)
            }
        }
        return embeddings
    }

    /// The frames of a clip that its embedding is computed from.
    private struct ClipLayout {
        /// Indices of the frames for motion features, by burst.
        var bursts: [[Int]]
        /// Indices of the frames for the content embedding.
        var content: Set<Int>
    }

    /// - Parameter bursts: Nil treats all frames as one burst.
    private func layout(frameCount: Int, bursts: [[Int]]?) -> ClipLayout {
        let indices = Array(0..<frameCount)
        guard let motion else { return ClipLayout(bursts: [], content: Set(indices)) }
        let bursts = bursts ?? [indices]
        return ClipLayout(
            bursts: motion.pieces(of: bursts),
            content: Set(motion.contentIndices(of: bursts) ?? indices))
    }

    /// Ranges of clips that are embedded together: all clips, or, because patch tokens are large,
    /// at most 64 frames with motion features.
    private func batches(of clips: [[[UInt8]]]) -> [Range<Int>] {
        guard motion != nil else { return clips.isEmpty ? [] : [clips.indices] }
        var batches: [Range<Int>] = []
        var frames = 0
        for (index, clip) in clips.enumerated() {
            if let last = batches.last, frames + clip.count <= 64 {
                batches[batches.count - 1] = last.lowerBound..<index + 1
            } else {
                batches.append(index..<index + 1)
                frames = 0
            }
            frames += clip.count
        }
        return batches
    }

    /// One embedding per clip of a video encoder.
    private func embeddings(
        of clips: [[[UInt8]]], _ profile: EncodingProfile?
    ) throws(EncoderError) -> [Embedding] {
        let pixels = clips.map { PixelClip(frames: $0, preparedBy: preprocessor) }
        return try embed(pixels, profile: profile)
    }

    /// One embedding for each clip.
    private func embed(
        _ clips: [PixelClip], untilMotionBlock: Bool = false, profile: EncodingProfile?
    ) throws(EncoderError) -> [Embedding] {
        switch network {
        case .transformer(let transformer):
            return try transformer.embed(
                clips, untilMotionBlock: untilMotionBlock, profile: profile)
        case .convolutional(let net):
            let frames = architecture.frameCount
            if let clip = clips.first(where: { $0.frameCount != frames }) {
                throw .invalidClip(
                    reason: "\(name) takes clips of \(frames) frames, not \(clip.frameCount)")
            }
            let size = Extent(
                frames: frames, height: preprocessing.crop, width: preprocessing.crop)
            return try net.outputs(of: clips, size: size, profile: profile).map {
                Embedding(features: $0[0])
            }
        }
    }

    /// One embedding per frame of an image encoder; frames without `wantsContent` are only computed
    /// up to the motion recipe's block.
    private func embeddings(
        of frames: [FrameRequest], _ profile: EncodingProfile?
    ) throws(EncoderError) -> [Embedding] {
        var embeddings = [Embedding?](repeating: nil, count: frames.count)
        for wantsContent in [true, false] {
            let indices = frames.indices.filter { frames[$0].wantsContent == wantsContent }
            let pixels = indices.map { index in
                PixelClip(frames: [frames[index].pixels], preparedBy: preprocessor)
            }
            let outputs = try embed(pixels, untilMotionBlock: !wantsContent, profile: profile)
            for (index, embedding) in zip(indices, outputs) { embeddings[index] = embedding }
        }
        return embeddings.filled()
    }

    /// One embedding per frame of an image encoder; embeddings of recent frames are cached.
    ///
    /// - Parameter longest: Frame count of the longest clip. Twice as many frames are cached across
    ///   calls, which suffices if a clip shares frames only with the two clips before it. That is
    ///   always so with a clip rate, and with a stride if the hop is a multiple of half the stride.
    private func reusedEmbeddings(
        of frames: [FrameRequest], longest: Int, _ profile: EncodingProfile?
    ) throws(EncoderError) -> [Embedding] {
        // With motion features the capacity is limited, because patch tokens are large.
        let capacity = min(2 * longest, motion == nil ? .max : 64)
        return try recentFrames.withLock { recent throws(EncoderError) in
            try recent.embeddings(of: frames, capacity: capacity) { unknown throws(EncoderError) in
                try embeddings(of: unknown, profile)
            }
        }
    }

    /// Embeds clips of normalized pixels; see `embed(clips:bursts:reusesFrames:profile:)`.
    ///
    /// - Parameter pixels: Clips, each `[T, 3, imageSize, imageSize]`.
    public func embed(pixels: [PixelClip]) throws(EncoderError) -> [[Float]] {
        var embeddings: [[Float]] = []
        for clip in pixels {
            let outputs = try embed(
                architecture.frameCount > 1 ? [clip] : clip.singleFrames, profile: nil)
            let layout = layout(frameCount: clip.frameCount, bursts: nil)
            embeddings.append(embedding(of: outputs, layout))
        }
        return embeddings
    }

    /// A frame as `embed(uncropped:of:)` takes it: resized as by the preprocessing, but not cropped.
    ///
    /// - Returns: RGB, `[height, width, 3]` values, and its size.
    /// - Throws: `FrameError.outOfMemoryForResizing`, `EncoderError.invalidClip` for a frame that is too long.
    package func prepareUncropped(
        _ frame: Frame
    ) throws -> (pixels: [UInt8], size: Resampling.Size) {
        let source = Resampling.Size(width: frame.width, height: frame.height)
        let size = preprocessing.resizedSize(of: source)
        let longest = Self.longestSide * preprocessing.size
        guard max(size.width, size.height) <= longest else {
            throw EncoderError.invalidClip(
                reason: """
                    a frame of \(source.width) × \(source.height) pixels is more than \(Self.longestSide) times as \
                    long as wide
                    """)
        }
        let resampling = Resampling(preprocessing.filter, from: source, to: size)
        return (try resampling.pixels(of: frame), size)
    }

    /// Long side of a frame that is not cropped, in short sides.
    private static let longestSide = 16

    /// The CLS tokens of frames of one size that were not cropped, `[width]` each, by a transformer for images.
    ///
    /// - Throws: `EncoderError.invalidClip` for another encoder and for frames of too many patches, `.outOfMemory`.
    package func embed(
        uncropped frames: [[UInt8]], of size: Resampling.Size
    ) throws(EncoderError) -> [[Float]] {
        guard case .transformer(let transformer) = network, architecture.frameCount == 1 else {
            throw .invalidClip(reason: "\(name) takes frames of one size only")
        }
        let clips = frames.map { PixelClip(frames: [$0], preparedBy: preprocessor) }
        return try transformer.embed(clips, of: size).map {
            Array($0.vector.prefix(transformer.configuration.width))
        }
    }

    /// Combines the embeddings of a clip's frames (image encoder) or its single embedding (video
    /// encoder) with the motion features.
    private func embedding(of frames: [Embedding], _ layout: ClipLayout) -> [Float] {
        let isVideo = architecture.frameCount > 1
        let contentFrames = isVideo ? frames : layout.content.sorted().map { frames[$0] }
        let vectors = contentFrames.map(\.vector)
        let content = vectors.count == 1 ? vectors[0] : vectors.mean.map { Float($0) }
        guard motion != nil else { return content }
        let patches = frames.flatMap(\.patches)
        let bursts = layout.bursts.map { $0.map { patches[$0] } }
        return content + MotionFeatures.features(of: bursts, width: frames[0].width)
    }
}
