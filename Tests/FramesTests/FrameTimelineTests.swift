import Frames
import Testing
import TestSupport

@Suite struct FrameTimelineTests {
    /// 12 s at 30 fps, then 12 s at 1 fps.
    static let slowEnd: [Double] =
        times(count: 360, step: 1.0 / 30) + times(from: 12, count: 12, step: 1)

    private static func times(from start: Double = 0, count: Int, step: Double) -> [Double] {
        var times: [Double] = []
        for index in 0..<count { times.append(start + Double(index) * step) }
        return times
    }

    @Test func `a variable rate is sampled by time, each frame as long as it is shown`() throws {
        let indices = UniformSampling(frameCount: 8)
            .indices(of: FrameTimeline(times: Self.slowEnd))
        // The last frame lasts as long as the median one: 23 + 1/30 seconds in eight intervals.
        let interval = (23 + 1.0 / 30) / 8
        let middles = Self.times(from: interval / 2, count: 8, step: interval)
        #expect(indices == middles.map { time in Self.slowEnd.lastIndex { $0 <= time } ?? 0 })
        #expect(indices.filter { $0 >= 360 }.count == 4)
    }

    @Test(arguments: [23.976, 24, 25, 29.97, 30, 59.94, 60, 120])
    func `a constant rate is sampled by index, however times are rounded`(rate: Double) {
        for digits in [1e9, 90000.0, 1000] {
            let times = Self.times(count: 250, step: 1 / rate)
                .map { seconds in (seconds * digits).rounded() / digits }
            let timeline = FrameTimeline(times: times)
            #expect(timeline.variableTimes == nil)
            for burst in [1, 4] {
                let sampling = UniformSampling(frameCount: 8, burst: burst)
                #expect(
                    sampling.indices(of: timeline, frameRate: rate)
                        == sampling.indices(videoLength: 250, frameRate: rate))
            }
        }
    }

    /// Frames of two and of three fields, 60 fields per second.
    @Test func `pulldown is a constant rate`() {
        var times: [Double] = [0]
        for i in 0..<100 {
            let fields: Double = i.isMultiple(of: 2) ? 2 : 3
            times.append(times[i] + fields * 1001 / 60000)
        }
        #expect(FrameTimeline(times: times).variableTimes == nil)
        let rounded = times.map { seconds in (seconds * 1000).rounded() / 1000 }
        #expect(FrameTimeline(times: rounded).variableTimes == nil)
    }

    @Test func `the frames of a burst are an eighth of a second apart`() {
        let indices = UniformSampling(frameCount: 8, burst: 4)
            .indices(of: FrameTimeline(times: Self.slowEnd))
        let times = indices.map { Self.slowEnd[$0] }
        #expect(zip(indices, indices.dropFirst()).allSatisfy { $0 <= $1 })
        for i in 0..<3 { #expect(abs(times[i + 1] - times[i] - 0.125) < 0.034) }
    }

    @Test func `a jump of timestamps counts as ten seconds`() {
        let times: [Double] =
            Self.times(count: 100, step: 0.1) + Self.times(from: 90000, count: 100, step: 0.1)
        let indices = UniformSampling(frameCount: 8).indices(of: FrameTimeline(times: times))
        #expect(indices.filter { $0 < 99 }.count >= 2 && indices.filter { $0 > 100 }.count >= 2)
    }

    @Test func `unknown times and short videos are sampled by index`() {
        let sampling = UniformSampling(frameCount: 8)
        #expect(FrameTimeline(times: [0, nil, 5, 6]).variableTimes == nil)
        #expect(
            sampling.indices(of: FrameTimeline(times: [0, 1, 9])) == [0, 1, 2, 2, 2, 2, 2, 2])
        #expect(FrameTimeline(times: []).count == 1)
    }

    @Test func `known and unknown lengths give the same clips`() throws {
        let sampling = Sampling.uniform(UniformSampling(frameCount: 8))
        let unknown = try clips(sampling, times: Self.slowEnd)
        var sampler = ClipSampler(
            sampling: sampling, expected: FrameTimeline(times: Self.slowEnd))
        for (i, seconds) in Self.slowEnd.enumerated() {
            let time = FrameTime(index: i, ptsSeconds: seconds)
            if sampler.wants(time) {
                _ = try sampler.push([UInt8(truncatingIfNeeded: i)], time)
            } else {
                sampler.skip(time)
            }
        }
        let known = try sampler.finish()
        #expect(known.map(\.indices) == unknown.map(\.indices))
        #expect(known.map(\.frames) == unknown.map(\.frames))
    }
}
