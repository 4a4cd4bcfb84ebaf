import Encoders
public import Frames
import Media
import Reward
public import Scoring
public import Store

/// The embedding of a failure pattern.
public struct FailureEmbedding: Sendable {
    public let pattern: FailurePattern
    /// Whether the pattern was embedded as an image or as a video.
    public let kind: MediaKind
    /// The embedding, `[2 · width · taps]`, and motion features, if the encoder computes them.
    public let embedding: [Float]
    /// Why the pixels are degenerate; nil if they are not.
    public let degeneracy: Degeneracy?

    public init(
        pattern: FailurePattern, kind: MediaKind, embedding: [Float], degeneracy: Degeneracy?
    ) {
        self.pattern = pattern
        self.kind = kind
        self.embedding = embedding
        self.degeneracy = degeneracy
    }

    /// Embeds failure patterns, or reads their embeddings from a store.
    ///
    /// - Parameters:
    ///   - kinds: The kinds of input as which each pattern is embedded.
    ///   - sampling: Sampling of videos, which determines the number of frames.
    ///   - progress: Called with the numbers of embeddings that are done and of all; may throw to stop.
    /// - Throws: Errors of loading an encoder and of `progress`, and `MediaError.pattern` if FFmpeg lacks
    ///   a source.
    public static func embeddings(
        of patterns: [FailurePattern], as kinds: Set<MediaKind>, by encoders: EncoderSet,
        sampling: Sampling, store: EmbeddingStore? = nil,
        progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws -> [FailureEmbedding] {
        let total = kinds.count * patterns.count
        var done = 0
        return try MediaKind.allCases.filter(kinds.contains).flatMap { kind in
            let frameCount = kind == .image ? 1 : sampling.frameCount
            let recipe = EmbeddingRecipe(
                encoder: try encoders.identity(for: kind), precision: encoders.precision,
                sampling: .uniform(UniformSampling(frameCount: frameCount)),
                options: MediaOptions(), generator: MediaLibraries.filterVersion)
            return try patterns.map { pattern in
                try progress(done, total)
                defer { done += 1 }
                let video = pattern.video(frameCount: frameCount)
                let clip: EncodedClip
                if let known = store?.find(pattern: video, by: recipe) {
                    clip = known
                } else {
                    clip = try encode(video, frameCount: frameCount, encoders.encoder(for: kind))
                    store?.insert(clip, pattern: video, by: recipe)
                }
                return FailureEmbedding(
                    pattern: pattern, kind: kind, embedding: clip.embedding,
                    degeneracy: clip.degeneracy)
            }
        }
    }

    /// Embeds failure patterns like the samples of a training, as each kind of input among them.
    ///
    /// - Parameters:
    ///   - loading: Loads the encoders that embedded the samples.
    ///   - progress: As of the other overload.
    /// - Throws: The errors of the other overload, and `RewardError.encoderMismatch` if the loaded
    ///   encoder is not the samples' encoder.
    public static func embeddings(
        of patterns: [FailurePattern] = FailurePattern.all, for samples: TrainingSamples,
        by loading: ModelLoader, store: EmbeddingStore? = nil,
        progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws -> [FailureEmbedding] {
        // If both kinds have the same encoder, an image and a still video have the same embedding.
        let isShared = samples.encoders[.image] == samples.encoders[.video]
        let kinds: Set<MediaKind> = isShared && samples.kinds.count > 1 ? [.video] : samples.kinds
        let ordered = MediaKind.allCases.filter(kinds.contains)
        return try ordered.enumerated().flatMap { index, kind in
            guard let wanted = samples.encoders[kind], let sampling = samples.sampling else {
                return [FailureEmbedding]()
            }
            var loading = loading
            if loading.sources[kind] == nil {
                loading.sources[kind] = EncoderSource(name: wanted.name)
            }
            let encoders = loading.encoders(taps: wanted.taps) { _ in wanted.motion }
            let found = try encoders.identity(for: kind)
            guard found.isEquivalent(to: wanted) else {
                throw RewardError.encoderMismatch(
                    role: kind,
                    reason: "they were made by \(wanted.label), and \(found.label) is at hand")
            }
            return try embeddings(
                of: patterns, as: [kind], by: encoders, sampling: sampling, store: store
            ) { done, _ in
                try progress(index * patterns.count + done, ordered.count * patterns.count)
            }
        }
    }

    private static func encode(
        _ video: LavfiVideo, frameCount: Int, _ encoder: Encoder
    ) throws -> EncodedClip {
        let preprocessor = Preprocessor(encoder.preprocessing)
        var frames = try video.frames().map { try preprocessor.prepare($0) }
        while frames.count < frameCount { frames.append(frames[0]) }
        let clip = Clip(frames: frames, indices: Array(0..<frameCount))
        return EncodedClip(
            indices: clip.indices, startSeconds: nil, endSeconds: nil,
            embedding: try encoder.embed(clips: [clip.frames], bursts: [clip.bursts])[0],
            degeneracy: clip.degeneracy(resizedBy: encoder.preprocessing.filter))
    }
}
