/// Collects the clips of window sampling, keeping no more frames than one clip spans.
///
/// The position of a frame is its index with a stride, its tick with a clip rate. Clip k takes the
/// positions `k·hop + j·step`, j from 0 to T−1.
struct WindowCollector {
    private let frameCount: Int
    private let step: Int
    private let hop: Int
    /// Ticks per second; nil if positions are indices.
    private let rate: Double?

    private var samples: [Int: SampledFrame] = [:]
    /// The last frame and its position.
    private var last: (position: Int, sample: SampledFrame)?
    private var nextClip = 0
    private var hasReturnedClips = false
    /// Time of tick 0, in seconds.
    private var startSeconds: Double?

    init(_ sampling: WindowSampling) {
        frameCount = Sampling.frameCounts.clamp(sampling.frameCount)
        switch sampling.step {
        case .stride(let stride):
            step = Sampling.strides.clamp(stride)
            rate = nil
        case .clipRate(let clipRate):
            step = 1
            rate = clipRate.isFinite ? (1e-6...Sampling.maximumClipRate).clamp(clipRate) : 1
        }
        hop = Sampling.hops.clamp(sampling.hop ?? frameCount * step)
    }

    func wants(_ time: FrameTime) -> Bool {
        guard let rate, let pts = time.ptsSeconds, let last else {
            // Without timestamps `push` throws `noTimestamps`.
            return rate != nil || isNeeded(time.index)
        }
        guard let position = tick(of: pts, rate: rate) else { return true }
        return position > last.position && (isNeeded(position) || fillsGap(before: position))
    }

    mutating func push(_ sample: SampledFrame) throws(FrameError) -> [Clip] {
        guard let rate else { return take(sample, at: sample.time.index) }
        guard let pts = sample.time.ptsSeconds, pts.isFinite else { throw .noTimestamps }
        guard startSeconds != nil, let position = tick(of: pts, rate: rate) else {
            return restart(with: sample, at: pts)
        }
        guard let last, position > last.position else { return [] }
        var clips: [Clip] = []
        // Frames in ticks that are not needed were never pushed, so after such a tick this frame is
        // the nearest.
        var repeated = last.sample
        for gap in (last.position + 1)..<position {
            if isNeeded(gap) {
                clips += take(repeated, at: gap, isRepeated: true)
            } else {
                repeated = sample
            }
        }
        return clips + take(sample, at: position)
    }

    var oldestPendingIndex: Int? { samples[nextClip * hop]?.time.index }

    func finish() -> [Clip] {
        guard !hasReturnedClips, let first = samples[nextClip * hop] else { return [] }
        var clip = [first]
        for i in 1..<max(frameCount, 1) {
            clip.append(samples[nextClip * hop + i * step] ?? clip[i - 1])
        }
        return [Clip(clip)]
    }

    /// Stores a frame at a position; returns the clips that end there.
    private mutating func take(
        _ sample: SampledFrame, at position: Int, isRepeated: Bool = false
    ) -> [Clip] {
        if !isRepeated { last = (position, sample) }
        guard isNeeded(position) else { return [] }
        samples[position] = sample
        var clips: [Clip] = []
        while nextClip * hop + (frameCount - 1) * step <= position {
            let start = nextClip * hop
            let clip = (0..<frameCount).compactMap { samples[start + $0 * step] }
            if clip.count == frameCount {
                clips.append(Clip(clip))
                hasReturnedClips = true
            }
            nextClip += 1
            let oldest = nextClip * hop
            samples = samples.filter { $0.key >= oldest }
        }
        return clips
    }

    private mutating func restart(with sample: SampledFrame, at pts: Double) -> [Clip] {
        startSeconds = pts
        samples = [:]
        nextClip = 0
        return take(sample, at: 0)
    }

    /// Whether an incomplete clip takes this position.
    private func isNeeded(_ position: Int) -> Bool {
        let span = (frameCount - 1) * step
        var clip = max(nextClip, position > span ? (position - span + hop - 1) / hop : 0)
        while clip * hop <= position {
            if (position - clip * hop) % step == 0 { return true }
            clip += 1
        }
        return false
    }

    /// Whether a tick without a frame, between the last frame and this position, is needed.
    private func fillsGap(before position: Int) -> Bool {
        guard let last else { return false }
        return ((last.position + 1)..<position).contains(where: isNeeded)
    }

    /// The tick that contains a timestamp; nil after a gap that is too long to fill, or a step
    /// back.
    private func tick(of pts: Double, rate: Double) -> Int? {
        guard let startSeconds, let last else { return nil }
        let tolerance = min(0.0015, 0.25 / rate)
        let tick = ((pts - startSeconds + tolerance) * rate).rounded(.down)
        let limit = Double(last.position) + 60 * rate + Double(frameCount)
        let earliest = Double(last.position) - max(rate, 1)
        guard tick.isFinite, tick >= earliest, tick <= limit else { return nil }
        return Int(max(tick, 0))
    }
}
