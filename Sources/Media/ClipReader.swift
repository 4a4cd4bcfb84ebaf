public import Frames

/// Sampling and preprocessing of one input for its encoder.
public struct ReadPlan: Sendable {
    public var sampling: Sampling
    /// Preprocesses a frame for the encoder; called for sampled frames only.
    public var prepare: @Sendable (Frame) throws -> [UInt8]

    public init(
        sampling: Sampling, prepare: @escaping @Sendable (Frame) throws -> [UInt8]
    ) {
        self.sampling = sampling
        self.prepare = prepare
    }
}

/// Metadata of an input that was read to its end.
public struct ReadSummary: Sendable, Hashable {
    public let info: MediaInfo
    /// Number of frames read.
    public let frameCount: Int
    /// Time from the first frame to the end of the last one, in seconds; nil for images and inputs
    /// without timestamps.
    public let durationSeconds: Double?
    /// The reason why frames are missing or damaged; nil if there are none.
    public let truncation: String?

    public init(
        info: MediaInfo, frameCount: Int, durationSeconds: Double?, truncation: String?
    ) {
        self.info = info
        self.frameCount = frameCount
        self.durationSeconds = durationSeconds
        self.truncation = truncation
    }
}

/// Reads a whole input into clips.
///
/// Uniform sampling needs the number of frames. For a file it is taken from the index or by
/// counting packets, so that only the frames of the clip are converted and preprocessed. If
/// decoding gives another number, as in damaged files, or other times in a file of variable frame
/// rate, the file is read again with the correct ones.
/// A pipe cannot be read twice, and filtering may output any number of frames: there every frame is
/// preprocessed and kept, beyond 512 MiB in a temporary file. Both methods give the same bytes.
public struct ClipReader: Sendable {
    private let source: InputSource
    private let options: MediaOptions
    private let plan: @Sendable (MediaInfo) throws -> ReadPlan

    public init(
        source: InputSource, options: MediaOptions = .init(), sampling: Sampling,
        prepare: @escaping @Sendable (Frame) throws -> [UInt8]
    ) {
        let plan = ReadPlan(sampling: sampling, prepare: prepare)
        self.init(source: source, options: options) { _ in plan }
    }

    /// - Parameter plan: Chooses the plan by the input's metadata: images and videos may have
    ///   different encoders.
    public init(
        source: InputSource, options: MediaOptions = .init(),
        plan: @escaping @Sendable (MediaInfo) throws -> ReadPlan
    ) {
        (self.source, self.options) = source.resolved(options)
        self.plan = plan
    }

    /// Reads the input to its end and passes each clip to `body` as soon as it is complete.
    public func read(_ body: (Clip) throws -> Void) throws -> ReadSummary {
        let reader = try MediaReader(source, options: options)
        let plan = try plan(reader.info)
        try plan.sampling.validate()
        var timeline = try expectedTimeline(of: reader, for: plan.sampling)
        do {
            return try Self.read(reader, plan: plan, &timeline, body)
        } catch FrameError.lengthChanged {
            let reopened = try MediaReader(source, options: options)
            return try Self.read(reopened, plan: plan, &timeline, body)
        }
    }

    /// - Parameter timeline: The expected frames; if they are wrong, those that were found.
    private static func read(
        _ reader: MediaReader, plan: ReadPlan, _ timeline: inout FrameTimeline?,
        _ body: (Clip) throws -> Void
    ) throws -> ReadSummary {
        var sampler = ClipSampler(
            sampling: plan.sampling, expected: timeline, frameRate: reader.info.frameRate)
        var frameCount = 0
        var lastTime: FrameTime?
        while let time = try reader.advance() {
            frameCount += 1
            lastTime = time
            if sampler.wants(time) {
                let clips = try sampler.push(plan.prepare(reader.frame()), time)
                for clip in clips { try body(clip) }
            } else {
                sampler.skip(time)
            }
        }
        if timeline != nil { timeline = sampler.timeline }
        for clip in try sampler.finish() { try body(clip) }
        return ReadSummary(
            info: reader.info, frameCount: frameCount,
            durationSeconds: lastTime.flatMap { time in
                time.ptsSeconds.map { $0 + (time.durationSeconds ?? 0) }
            },
            truncation: reader.truncation)
    }

    /// The expected frames; nil if only decoding can tell.
    private func expectedTimeline(
        of reader: MediaReader, for sampling: Sampling
    ) throws(MediaError) -> FrameTimeline? {
        guard case .uniform = sampling, options.filtering.preservesFrameCount else { return nil }
        if reader.info.kind == .image { return FrameTimeline(count: 1) }
        guard source.isRegularFile else { return nil }
        if let timeline = reader.knownTimeline { return timeline }
        return try PacketTimeline.read(source, options: options)
    }
}
