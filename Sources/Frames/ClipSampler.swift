/// Collects frames into clips: `push` returns the clips that are complete, `finish()` flushes.
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
/// Every frame of the video is passed to `push` or `skip` once, in order.
public struct ClipSampler {
    // Exactly one is set. Optionals rather than an enum, so that they are mutated in place.
    private var uniform: UniformCollector?
    private var window: WindowCollector?

    /// - Parameters:
    ///   - sampling: Values out of range are clamped; `validate()` rejects them.
    ///   - videoLength: Decoded frames in a video of constant frame rate, if known: `uniform` then
    ///     wants only the frames of the clip. If it is wrong, or the rate varies, `finish()` throws
    ///     `FrameError.lengthChanged`.
    ///   - frameRate: The video's frames per second. If nil, and the length is unknown too, it is
    ///     computed from the timestamps.
    public init(sampling: Sampling, videoLength: Int? = nil, frameRate: Double? = nil) {
        self.init(
            sampling: sampling, expected: videoLength.map(FrameTimeline.init(count:)),
            frameRate: frameRate)
    }

    /// - Parameters:
    ///   - expected: The video's frames, if known; nil makes `uniform` keep all frames.
    ///   - memoryLimit: Bytes of frames that `uniform` keeps in memory if the frames are not known;
    ///     the rest is written to a temporary file.
    package init(
        sampling: Sampling, expected: FrameTimeline?, frameRate: Double? = nil,
        memoryLimit: Int = 512 << 20
    ) {
        switch sampling {
        case .uniform(var sampling):
            sampling.frameCount = Sampling.frameCounts.clamp(sampling.frameCount)
            uniform = UniformCollector(
                sampling: sampling, expected: expected, frameRate: frameRate,
                memoryLimit: memoryLimit)
        case .window(let sampling):
            window = WindowCollector(sampling)
        }
    }

    /// Whether this frame has to be preprocessed and pushed.
    public func wants(_ time: FrameTime) -> Bool {
        uniform?.wants(time) ?? window?.wants(time) ?? false
    }

    /// Adds a frame. A frame that is not wanted is only counted.
    ///
    /// - Parameter prepared: The frame, preprocessed for the encoder.
    /// - Returns: The clips that this frame completes; overlapping ones share their frames' memory.
    public mutating func push(_ prepared: [UInt8], _ time: FrameTime) throws(FrameError) -> [Clip] {
        let sample = SampledFrame(pixels: prepared, time: time)
        try uniform?.push(sample)
        return try window?.push(sample) ?? []
    }

    /// Counts a frame that was not wanted.
    public mutating func skip(_ time: FrameTime) {
        uniform?.skip(time)
    }

    /// Index of the first frame of the oldest incomplete clip; nil if there is none.
    public var oldestPendingIndex: Int? {
        uniform?.oldestPendingIndex ?? window?.oldestPendingIndex
    }

    /// The frames of `uniform` sampling so far; nil for windows.
    package var timeline: FrameTimeline? { uniform?.timeline }

    /// Ends the video.
    ///
    /// - Returns: The clips that are complete only now; none if there were no frames.
    public mutating func finish() throws(FrameError) -> [Clip] {
        try uniform?.finish() ?? window?.finish() ?? []
    }
}

extension ClosedRange {
    package func clamp(_ value: Bound) -> Bound {
        Swift.min(Swift.max(value, lowerBound), upperBound)
    }
}
