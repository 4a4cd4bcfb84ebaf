/// Collects frames into clips: frames are pushed in, clips come out, `finish()` flushes.
///
/// ```swift
/// var sampler = ClipSampler(sampling: .window(WindowSampling(frameCount: 8)))
/// for each decoded frame {
///     if sampler.wants(time) {
///         clips += try sampler.push(prepare(frame), time)
///     } else {
///         sampler.skip(time)
///     }
/// }
/// clips += try sampler.finish()
/// ```
///
/// Every frame of the video is told to the sampler once, in order, by `push` or by `skip`.
public struct ClipSampler {
    // One of the two; optionals rather than an enum, so that they change in place.
    private var uniform: UniformCollector?
    private var window: WindowCollector?

    /// - Parameters:
    ///   - sampling: Numbers out of range are moved to the nearest good one; `validate()` refuses them.
    ///   - videoLength: Decoded frames in the video, if known for sure: `uniform` then wants only what
    ///     it needs. If it turns out wrong, `finish()` throws `MediaError.lengthChanged`.
    ///   - frameRate: The video's, per second; nil: as the time stamps have it, if the length is unknown too.
    public init(sampling: Sampling, videoLength: Int? = nil, frameRate: Double? = nil) {
        self.init(
            sampling: sampling, videoLength: videoLength, frameRate: frameRate,
            memoryLimit: 512 << 20)
    }

    /// - Parameter memoryLimit: Bytes of frames that `uniform` keeps in memory if the length is unknown;
    ///   what exceeds it goes to a temporary file.
    package init(
        sampling: Sampling, videoLength: Int?, frameRate: Double? = nil, memoryLimit: Int
    ) {
        switch sampling {
        case .uniform(var sampling):
            sampling.frameCount = Sampling.frameCounts.clamp(sampling.frameCount)
            uniform = UniformCollector(
                sampling: sampling, videoLength: videoLength, frameRate: frameRate,
                memoryLimit: memoryLimit)
        case .window(let sampling):
            window = WindowCollector(sampling)
        }
    }

    /// Whether this frame has to be prepared and pushed.
    public func wants(_ time: FrameTime) -> Bool {
        uniform?.wants(time) ?? window?.wants(time) ?? false
    }

    /// Takes a wanted frame. A frame that is not wanted is only counted.
    ///
    /// - Parameter prepared: The frame as the encoder wants it.
    /// - Returns: The clips that are complete now; overlapping ones share their frames' memory.
    public mutating func push(_ prepared: [UInt8], _ time: FrameTime) throws(MediaError) -> [Clip] {
        let sample = SampledFrame(pixels: prepared, time: time)
        try uniform?.push(sample)
        return try window?.push(sample) ?? []
    }

    /// Tells of a frame that was not wanted.
    public mutating func skip(_ time: FrameTime) {
        uniform?.skip(time)
    }

    /// The first frame of the oldest clip that has begun and is not complete; nil if there is none.
    public var oldestPending: Int? { uniform?.oldestPending ?? window?.oldestPending }

    /// The video has ended.
    ///
    /// - Returns: The clips that only the end makes complete; none if no frame was told.
    public mutating func finish() throws(MediaError) -> [Clip] {
        try uniform?.finish() ?? window?.finish() ?? []
    }
}

extension ClosedRange {
    package func clamp(_ value: Bound) -> Bound {
        Swift.min(Swift.max(value, lowerBound), upperBound)
    }
}
