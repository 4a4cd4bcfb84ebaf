/// Collects the single clip of uniform sampling.
struct UniformCollector {
    private let sampling: UniformSampling
    /// Decoded frames in the video, if known.
    private let videoLength: Int?
    private let frameRate: Double?
    /// Indices of the clip's frames; empty if the length is unknown, when any frame may be needed.
    private let needed: Set<Int>
    private var samples: [Int: SampledFrame] = [:]
    private let store: FrameSpool
    private var times: [FrameTime] = []
    private var count = 0

    init(sampling: UniformSampling, videoLength: Int?, frameRate: Double?, memoryLimit: Int) {
        self.sampling = sampling
        self.videoLength = videoLength.map { max($0, 1) }
        self.frameRate = frameRate
        needed = Set(
            self.videoLength.map { sampling.indices(videoLength: $0, frameRate: frameRate) } ?? [])
        store = FrameSpool(memoryLimit: memoryLimit)
    }

    func wants(_ time: FrameTime) -> Bool {
        videoLength == nil || needed.contains(time.index)
    }

    mutating func push(_ sample: SampledFrame) throws(FrameError) {
        count += 1
        if videoLength == nil {
            try store.append(sample.pixels)
            times.append(sample.time)
        } else if needed.contains(sample.time.index) {
            samples[sample.time.index] = sample
        }
    }

    mutating func skip(_ time: FrameTime) {
        count += 1
    }

    var oldestPendingIndex: Int? { count == 0 ? nil : 0 }

    func finish() throws(FrameError) -> [Clip] {
        if count == 0 { return [] }
        if let videoLength, videoLength != count {
            throw .lengthChanged(expected: videoLength, found: count)
        }
        var clip: [SampledFrame] = []
        let rate = frameRate ?? (videoLength == nil ? timestampRate : nil)
        for index in sampling.indices(videoLength: count, frameRate: rate) {
            if videoLength != nil {
                guard let sample = samples[index] else {
                    throw .lengthChanged(expected: count, found: samples.count)
                }
                clip.append(sample)
            } else if let last = clip.last, last.time == times[index] {
                clip.append(last)
            } else {
                clip.append(
                    SampledFrame(pixels: try store.frame(at: index), time: times[index]))
            }
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
