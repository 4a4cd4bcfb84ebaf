/// Collects the frames of uniform sampling, which are one clip or a clip each.
struct UniformCollector {
    private let sampling: UniformSampling
    /// The video's frames, if known.
    private let expected: FrameTimeline?
    private let frameRate: Double?
    /// Indices of the clip's frames; empty if the length is unknown, when any frame may be needed.
    private let needed: Set<Int>
    private var samples: [Int: SampledFrame] = [:]
    private let store: FrameSpool
    private var times: [FrameTime] = []
    private var count: Int { times.count }

    init(
        sampling: UniformSampling, expected: FrameTimeline?, frameRate: Double?, memoryLimit: Int
    ) {
        self.sampling = sampling
        self.expected = expected
        self.frameRate = frameRate
        needed = Set(expected.map { sampling.indices(of: $0, frameRate: frameRate) } ?? [])
        store = FrameSpool(memoryLimit: memoryLimit)
    }

    func wants(_ time: FrameTime) -> Bool {
        expected == nil || needed.contains(time.index)
    }

    mutating func push(_ sample: SampledFrame) throws(FrameError) {
        times.append(sample.time)
        if expected == nil {
            try store.append(sample.pixels)
        } else if needed.contains(sample.time.index) {
            samples[sample.time.index] = sample
        }
    }

    mutating func skip(_ time: FrameTime) {
        times.append(time)
    }

    /// The frames so far.
    var timeline: FrameTimeline { FrameTimeline(times: times.map(\.ptsSeconds)) }

    var oldestPendingIndex: Int? { count == 0 ? nil : 0 }

    func finish() throws(FrameError) -> [Clip] {
        if count == 0 { return [] }
        if let expected, expected.count != count {
            throw .lengthChanged(expected: expected.count, found: count)
        }
        var clip: [SampledFrame] = []
        let rate = frameRate ?? (expected == nil ? timestampRate : nil)
        for index in sampling.indices(of: timeline, frameRate: rate) {
            if expected != nil {
                // The times of packets may differ from those of the decoded frames.
                guard let sample = samples[index] else {
                    throw .lengthChanged(expected: count, found: count)
                }
                clip.append(sample)
            } else if let last = clip.last, last.time == times[index] {
                clip.append(last)
            } else {
                clip.append(
                    SampledFrame(pixels: try store.frame(at: index), time: times[index]))
            }
        }
        if sampling.separatesFrames {
            return clip.indices.filter { $0 == 0 || clip[$0].time.index != clip[$0 - 1].time.index }
                .map { Clip([clip[$0]]) }
        }
        // A video shorter than the clip is taken whole, as one run of adjacent frames.
        return [Clip(clip, burst: sampling.burst > 1 && count < clip.count ? nil : sampling.burst)]
    }

    /// Frames per second computed from the timestamps; nil without them.
    private var timestampRate: Double? {
        guard let first = times.first?.ptsSeconds, let last = times.last?.ptsSeconds, last > first
        else { return nil }
        return Double(times.count - 1) / (last - first)
    }
}
