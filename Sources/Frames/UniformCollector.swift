/// Collects the one clip of uniform sampling.
struct UniformCollector {
    private let sampling: UniformSampling
    /// Decoded frames in the video, if known.
    private let videoLength: Int?
    private let frameRate: Double?
    /// Indices that are needed; empty if the length is unknown and any frame may be.
    private let needed: Set<Int>
    private var samples: [Int: SampledFrame] = [:]
    private let store: FrameStore
    private var times: [FrameTime] = []
    private var count = 0

    init(sampling: UniformSampling, videoLength: Int?, frameRate: Double?, memoryLimit: Int) {
        self.sampling = sampling
        self.videoLength = videoLength.map { max($0, 1) }
        self.frameRate = frameRate
        needed = Set(
            self.videoLength.map { sampling.indices(videoLength: $0, frameRate: frameRate) } ?? [])
        store = FrameStore(memoryLimit: memoryLimit)
    }

    func wants(_ time: FrameTime) -> Bool {
        videoLength == nil || needed.contains(time.index)
    }

    mutating func push(_ sample: SampledFrame) throws(MediaError) {
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

    var oldestPending: Int? { count == 0 ? nil : 0 }

    func finish() throws(MediaError) -> [Clip] {
        if count == 0 { return [] }
        if let videoLength, videoLength != count {
            throw .lengthChanged(expected: videoLength, found: count)
        }
        var clip: [SampledFrame] = []
        let rate = frameRate ?? (videoLength == nil ? shownRate : nil)
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
        // A short video is shown whole: its frames are neighbours.
        return [Clip(clip, burst: sampling.burst > 1 && count < clip.count ? nil : sampling.burst)]
    }

    /// Frames per second by the time stamps; nil without them.
    private var shownRate: Double? {
        guard let first = times.first?.ptsSeconds, let last = times.last?.ptsSeconds, last > first
        else { return nil }
        return Double(times.count - 1) / (last - first)
    }
}
