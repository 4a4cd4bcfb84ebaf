import Encoders
public import Frames
public import Reward

/// Frames in, scores out: the middle of the command, the C interface and the FFmpeg plug-ins.
///
///     var filter = try RewardFilter(scorer, sampling: .window(WindowSampling(frameCount: 8)))
///     for frame in stream { for clip in try filter.push(frame) { print(clip.score.value) } }
///     for clip in try filter.finish() { print(clip.score.value) }
///
/// Memory is constant with `window` sampling; `uniform` keeps every prepared frame until the end.
public struct RewardFilter {
    /// How frames become clips.
    public let sampling: Sampling
    /// What the scores that were returned last were made of: an embedding per clip, `[2 · width · taps]` and motion.
    public private(set) var embeddings: [[Float]] = []

    private let scorer: Scorer
    private let encoder: Encoder
    private let preprocessor: Preprocessor
    private var sampler: ClipSampler
    private var index = 0
    private var lastPTS: Double?

    /// - Parameters:
    ///   - kind: Which of the reward model's encoders sees the frames.
    ///   - sampling: nil: windows of as many frames as the reward model was trained with; each picture
    ///     is a clip.
    /// - Throws: What loading the encoder throws; `ScoringError.clipLength`.
    public init(_ scorer: Scorer, kind: MediaKind = .video, sampling: Sampling? = nil) throws {
        self.scorer = scorer
        encoder = try scorer.encoders.encoder(for: kind)
        preprocessor = Preprocessor(encoder.preprocessing)
        self.sampling = sampling ?? Self.usualSampling(scorer.model, kind: kind)
        try self.sampling.validate()
        try self.sampling.check(encoder)
        sampler = ClipSampler(sampling: self.sampling)
    }

    /// How frames become clips where nothing is asked for: as `SamplingPlan` does with streams, but each
    /// picture that is pushed is a clip.
    public static func usualSampling(_ model: RewardModel, kind: MediaKind) -> Sampling {
        kind == .image
            ? .window(WindowSampling(frameCount: 1)) : SamplingPlan(file: model.sampling).stream
    }

    /// Takes the next frame; its `index` is ignored, frames count from 0.
    ///
    /// - Returns: The clips that this frame completes: none, or rarely more than one.
    public mutating func push(_ frame: Frame) throws -> [ClipScore] {
        try push(ptsSeconds: frame.ptsSeconds, durationSeconds: frame.durationSeconds) { frame }
    }

    /// Takes the next frame, and makes it only if a clip samples it.
    ///
    /// - Parameters:
    ///   - ptsSeconds: When it is shown; nil: nobody knows.
    ///   - durationSeconds: How long it is shown; nil: as long as the frame before.
    public mutating func push(
        ptsSeconds: Double?, durationSeconds: Double?, frame: () throws -> Frame
    ) throws -> [ClipScore] {
        let step = ptsSeconds.flatMap { pts in lastPTS.map { max(pts - $0, 0) } }
        let time = FrameTime(
            index: index, ptsSeconds: ptsSeconds, durationSeconds: durationSeconds ?? step)
        index += 1
        lastPTS = ptsSeconds
        guard sampler.wants(time) else {
            sampler.skip(time)
            return try score([])
        }
        return try score(sampler.push(preprocessor.prepare(frame()), time))
    }

    /// The oldest frame that may still belong to a clip without a score; else the frame to come.
    public var oldestPending: Int { sampler.oldestPending ?? index }

    /// Ends the stream and scores what is left; the next `push` starts a new stream.
    public mutating func finish() throws -> [ClipScore] {
        let clips = try sampler.finish()
        reset()
        return try score(clips)
    }

    /// Forgets the stream; the next `push` starts a new one.
    public mutating func reset() {
        sampler = ClipSampler(sampling: sampling)
        index = 0
        lastPTS = nil
        embeddings = []
    }

    private mutating func score(_ clips: [Clip]) throws -> [ClipScore] {
        embeddings =
            clips.isEmpty
            ? [] : try encoder.embed(clips: clips.map(\.frames), bursts: clips.map(\.bursts))
        return zip(clips, scorer.scores(embeddings)).map { clip, score in
            ClipScore(
                indices: clip.indices, startSeconds: clip.startSeconds,
                endSeconds: clip.endSeconds, score: score, degeneracy: clip.degeneracy)
        }
    }
}
