import Encoders
public import Frames
public import Reward

/// Scores a stream of frames; used by the C interface and the FFmpeg plug-ins.
///
///     var filter = try RewardFilter(scorer, sampling: .window(WindowSampling(frameCount: 8)))
///     for frame in stream { for clip in try filter.push(frame) { print(clip.score.value) } }
///     for clip in try filter.finish() { print(clip.score.value) }
///
/// Memory is constant with `window` sampling; `uniform` keeps every prepared frame until the end.
public struct RewardFilter {
    /// Sampling of frames into clips.
    public let sampling: Sampling
    /// Embeddings of the clips that were returned last, `[2 · width · taps]` each, followed by
    /// motion features if the model has them.
    public private(set) var embeddings: [[Float]] = []

    private let scorer: Scorer
    private let encoder: Encoder
    private let preprocessor: Preprocessor
    private let videoLength: Int?
    private let frameRate: Double?
    private var sampler: ClipSampler
    private var index = 0
    private var lastPTS: Double?

    /// - Parameters:
    ///   - kind: Selects the reward model's encoder.
    ///   - sampling: Nil selects windows with the frame count of the model's training clips, or
    ///     single frames for images.
    ///   - videoLength: Frames of each stream, if known and of constant rate: `uniform` sampling then
    ///     prepares only those of the clip; see `ClipSampler`.
    ///   - frameRate: Frames per second, for the bursts of `uniform` sampling. If nil and the length
    ///     is unknown, it is computed from the timestamps.
    /// - Throws: Errors of loading the encoder; `ScoringError.clipLength`.
    public init(
        _ scorer: Scorer, kind: MediaKind = .video, sampling: Sampling? = nil,
        videoLength: Int? = nil, frameRate: Double? = nil
    ) throws {
        self.scorer = scorer
        encoder = try scorer.encoders.encoder(for: kind)
        preprocessor = Preprocessor(encoder.preprocessing)
        self.sampling = sampling ?? Self.defaultSampling(scorer.model, kind: kind)
        try self.sampling.validate()
        try self.sampling.check(encoder)
        self.videoLength = videoLength
        self.frameRate = frameRate
        sampler = ClipSampler(
            sampling: self.sampling, videoLength: videoLength, frameRate: frameRate)
    }

    /// Default sampling: that of `SamplingPlan` for streams; for images, every frame is a clip.
    public static func defaultSampling(_ model: RewardModel, kind: MediaKind) -> Sampling {
        kind == .image
            ? .window(WindowSampling(frameCount: 1)) : SamplingPlan(file: model.sampling).stream
    }

    /// Pushes the next frame. Its `index` is ignored; frames are numbered from 0.
    ///
    /// - Returns: The clips that this frame completes, usually at most one.
    /// - Throws: Also `ScoringError.embedding` and `RewardError.badScore` for numbers that are not
    ///   finite.
    public mutating func push(_ frame: Frame) throws -> [ClipScore] {
        try push(ptsSeconds: frame.ptsSeconds, durationSeconds: frame.durationSeconds) { frame }
    }

    /// Pushes the next frame, which is created only if a clip samples it.
    ///
    /// - Parameters:
    ///   - ptsSeconds: Presentation time; nil if unknown.
    ///   - durationSeconds: Duration; nil uses the time since the previous frame.
    ///   - frame: Creates the frame.
    public mutating func push(
        ptsSeconds: Double?, durationSeconds: Double?, frame: () throws -> Frame
    ) throws -> [ClipScore] {
        // The difference of two finite times may be infinite.
        let step = ptsSeconds.flatMap { pts in
            lastPTS.map { max(pts - $0, 0) }.flatMap { $0.isFinite ? $0 : nil }
        }
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

    /// Whether a clip samples the next frame.
    ///
    /// - Parameter ptsSeconds: Presentation time of that frame; nil if unknown.
    public func wants(ptsSeconds: Double?) -> Bool {
        sampler.wants(FrameTime(index: index, ptsSeconds: ptsSeconds, durationSeconds: nil))
    }

    /// Index of the oldest frame that an unscored clip may contain; without any, of the next frame.
    public var oldestPendingIndex: Int { sampler.oldestPendingIndex ?? index }

    /// Ends the stream and scores the remaining clips; the next `push` starts a new stream.
    public mutating func finish() throws -> [ClipScore] {
        let clips = try sampler.finish()
        reset()
        return try score(clips)
    }

    /// Discards the stream; the next `push` starts a new one.
    public mutating func reset() {
        sampler = ClipSampler(
            sampling: sampling, videoLength: videoLength, frameRate: frameRate)
        index = 0
        lastPTS = nil
        embeddings = []
    }

    private mutating func score(_ clips: [Clip]) throws -> [ClipScore] {
        embeddings =
            clips.isEmpty
            ? [] : try encoder.embed(clips: clips.map(\.frames), bursts: clips.map(\.bursts))
        if let problem = embeddings.lazy.compactMap(encoder.problem).first {
            throw ScoringError.embedding(reason: problem)
        }
        return try zip(clips, scorer.scores(embeddings)).map { clip, score in
            ClipScore(
                indices: clip.indices, startSeconds: clip.startSeconds,
                endSeconds: clip.endSeconds, score: try score.checked(),
                degeneracy: clip.degeneracy(resizedBy: encoder.preprocessing.filter))
        }
    }
}
