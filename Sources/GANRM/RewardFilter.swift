import Encoders
public import Media
import Reward

/// Frames in, scores out: the middle of the command, the C interface and the FFmpeg plug-ins.
///
///     var filter = try RewardFilter(scorer, sampling: .window(WindowSampling(frameCount: 8)))
///     for frame in stream { for clip in try filter.push(frame) { print(clip.score.value) } }
///     for clip in try filter.finish() { print(clip.score.value) }
///
/// Memory is constant with `window` sampling; `uniform` keeps every prepared frame until the end.
public struct RewardFilter {
    private let scorer: Scorer
    private let encoder: Encoder
    private let preprocessor: Preprocessor
    private let sampling: Sampling
    private var sampler: ClipSampler
    private var index = 0

    /// - Parameters:
    ///   - kind: Which of the reward model's encoders sees the frames.
    ///   - sampling: nil: windows of as many frames as the reward model was trained with.
    /// - Throws: What loading the encoder throws; `GANRMError.clipLength`.
    public init(_ scorer: Scorer, kind: MediaKind = .video, sampling: Sampling? = nil) throws {
        self.scorer = scorer
        encoder = try scorer.encoders.encoder(for: kind)
        preprocessor = Preprocessor(encoder.preprocessing)
        self.sampling =
            sampling
            ?? SamplingPlan(file: scorer.model.sampling)
            .sampling(for: kind, isStream: true)
        try self.sampling.validate()
        try self.sampling.check(encoder)
        sampler = ClipSampler(sampling: self.sampling)
    }

    /// Takes the next frame; its `index` is ignored, frames count from 0.
    ///
    /// - Returns: The clips that this frame completes: none, or rarely more than one.
    public mutating func push(_ frame: Frame) throws -> [ClipScore] {
        let time = FrameTime(index: index, ptsSeconds: frame.ptsSeconds)
        index += 1
        guard sampler.wants(time) else {
            sampler.skip(time)
            return []
        }
        return try score(sampler.push(preprocessor.prepare(frame), time))
    }

    /// Ends the stream and scores what is left; the next `push` starts a new stream.
    public mutating func finish() throws -> [ClipScore] {
        let clips = try sampler.finish()
        sampler = ClipSampler(sampling: sampling)
        index = 0
        return try score(clips)
    }

    private func score(_ clips: [Clip]) throws -> [ClipScore] {
        guard !clips.isEmpty else { return [] }
        let embeddings = try encoder.embed(clips: clips.map(\.frames))
        return zip(clips, scorer.scores(embeddings)).map { clip, score in
            ClipScore(
                indices: clip.indices, startSeconds: clip.startSeconds,
                endSeconds: clip.endSeconds, score: score)
        }
    }
}
