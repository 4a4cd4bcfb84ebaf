public import Frames

/// How one input is sampled and made ready for its encoder.
public struct ClipPlan: Sendable {
    public var sampling: Sampling
    /// Makes a frame ready for the encoder; called for the sampled frames only.
    public var prepare: @Sendable (Frame) throws -> [UInt8]

    public init(
        sampling: Sampling, prepare: @escaping @Sendable (Frame) throws -> [UInt8]
    ) {
        self.sampling = sampling
        self.prepare = prepare
    }
}

/// What is known about an input after it was read to its end.
public struct ReadSummary: Sendable, Hashable {
    public let info: MediaInfo
    /// Decoded frames.
    public let frameCount: Int
    /// From the first frame to the end of the last one; nil for images and inputs without timestamps.
    public let durationSeconds: Double?
    /// Why fewer or worse frames came than the input should hold; nil if all is well.
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
/// Uniform sampling needs the number of frames. A file is asked for it first (index or packets), so that
/// only the frames of the clip are converted and prepared; if decoding then shows another number, as in
/// damaged files, it is read once more with the true one. A pipe cannot be read twice: every frame is
/// prepared and kept, past 512 MiB in a temporary file; so with a treatment, which may give any number of
/// frames. Both ways give the same bytes.
public struct ClipReader: Sendable {
    private let source: InputSource
    private let options: MediaOptions
    private let plan: @Sendable (MediaInfo) throws -> ClipPlan

    public init(
        source: InputSource, options: MediaOptions = .init(), sampling: Sampling,
        prepare: @escaping @Sendable (Frame) throws -> [UInt8]
    ) {
        let plan = ClipPlan(sampling: sampling, prepare: prepare)
        self.init(source: source, options: options) { _ in plan }
    }

    /// - Parameter plan: Decides by what the input is: a picture and a video may go to different encoders.
    public init(
        source: InputSource, options: MediaOptions = .init(),
        plan: @escaping @Sendable (MediaInfo) throws -> ClipPlan
    ) {
        (self.source, self.options) = source.resolved(options)
        self.plan = plan
    }

    /// Reads to the end and hands each clip over the moment it is complete.
    public func read(_ body: (Clip) throws -> Void) throws -> ReadSummary {
        let reader = try MediaReader(source, options: options)
        let plan = try plan(reader.info)
        try plan.sampling.validate()
        let guess = try guessLength(of: reader, for: plan.sampling)
        do {
            return try Self.read(reader, plan: plan, videoLength: guess, body)
        } catch MediaError.lengthChanged(_, let found) {
            let again = try MediaReader(source, options: options)
            return try Self.read(again, plan: plan, videoLength: found, body)
        }
    }

    private static func read(
        _ reader: MediaReader, plan: ClipPlan, videoLength: Int?, _ body: (Clip) throws -> Void
    ) throws -> ReadSummary {
        var sampler = ClipSampler(
            sampling: plan.sampling, videoLength: videoLength, frameRate: reader.info.frameRate)
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
        for clip in try sampler.finish() { try body(clip) }
        return ReadSummary(
            info: reader.info, frameCount: frameCount,
            durationSeconds: lastTime.flatMap { time in
                time.ptsSeconds.map { $0 + (time.durationSeconds ?? 0) }
            },
            truncation: reader.truncation)
    }

    /// How many frames decoding will probably give; nil where only reading tells.
    private func guessLength(
        of reader: MediaReader, for sampling: Sampling
    ) throws(MediaError) -> Int? {
        guard case .uniform = sampling, options.treatment.keepsFrames else { return nil }
        if reader.info.kind == .image { return 1 }
        guard source.isRegularFile else { return nil }
        if let count = reader.indexedFrameCount { return count }
        return try PacketCount.count(source, options: options)
    }
}
