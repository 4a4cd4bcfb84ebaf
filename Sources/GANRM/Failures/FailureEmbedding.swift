import Encoders
public import Frames
import Media
import Reward
public import Scoring
public import Store

/// A failure as an encoder sees it.
public struct FailureEmbedding: Sendable {
    public let pattern: FailurePattern
    /// As a picture or as a video.
    public let kind: MediaKind
    /// `[2 · width · taps]`.
    public let embedding: [Float]
    /// Why the pixels show nothing; nil if they seem to show something.
    public let degeneracy: Degeneracy?

    /// Embeds failures, or takes what is known of them from a store.
    ///
    /// - Parameters:
    ///   - kinds: As what they are to be seen.
    ///   - sampling: How videos are sampled: as many frames are made.
    /// - Throws: What loading an encoder throws, and `MediaError.pattern` if this FFmpeg lacks a source.
    public static func embeddings(
        of patterns: [FailurePattern], as kinds: Set<MediaKind>, by encoders: EncoderSet,
        sampling: Sampling, store: EmbeddingStore? = nil
    ) throws -> [FailureEmbedding] {
        try MediaKind.allCases.filter(kinds.contains).flatMap { kind in
            let frameCount = kind == .image ? 1 : sampling.frameCount
            let recipe = EmbeddingRecipe(
                encoder: try encoders.identity(for: kind), precision: encoders.precision,
                sampling: .uniform(UniformSampling(frameCount: frameCount)),
                options: MediaOptions(), drawnBy: MediaLibraries.filterVersion)
            return try patterns.map { pattern in
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

    /// Embeds failures as the samples of a training were embedded, as each kind of input among them.
    ///
    /// - Throws: Also `RewardError.encoderMismatch` if the encoder at hand is not the samples'.
    public static func embeddings(
        of patterns: [FailurePattern], for samples: TrainingSamples, by loading: ModelLoading,
        store: EmbeddingStore? = nil
    ) throws -> [FailureEmbedding] {
        // Of one encoder for both kinds, pictures and stills are the same.
        let isShared = samples.encoders[.image] == samples.encoders[.video]
        let kinds: Set<MediaKind> = isShared && samples.kinds.count > 1 ? [.video] : samples.kinds
        return try MediaKind.allCases.filter(kinds.contains).flatMap { kind in
            guard let wanted = samples.encoders[kind] else { return [FailureEmbedding]() }
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
                of: patterns, as: [kind], by: encoders,
                sampling: samples.sampling ?? .uniform(UniformSampling()), store: store)
        }
    }

    private static func encode(
        _ video: PatternVideo, frameCount: Int, _ encoder: Encoder
    ) throws -> EncodedClip {
        let preprocessor = Preprocessor(encoder.preprocessing)
        var frames = try video.frames().map { preprocessor.prepare($0) }
        while frames.count < frameCount { frames.append(frames[0]) }
        let clip = Clip(frames: frames, indices: Array(0..<frameCount))
        return EncodedClip(
            indices: clip.indices, startSeconds: nil, endSeconds: nil,
            embedding: try encoder.embed(clips: [clip.frames], bursts: [clip.bursts])[0],
            degeneracy: clip.degeneracy)
    }
}
