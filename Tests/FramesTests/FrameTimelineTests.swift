import Frames
import Testing
import TestSupport

@Suite struct FrameTimelineTests {
    /// 12 s at 30 fps, then 12 s at 1 fps.
    static let slowEnd = (0..<360).map { Double($0) / 30 } + (0..<12).map { 12 + Double($0) }

    @Test func `a variable rate is sampled by time, each frame as long as it is shown`() throws {
        let indices = UniformSampling(frameCount: 8)
            .indices(of: FrameTimeline(times: Self.slowEnd))
        // The last frame lasts as long as the median one: 23 + 1/30 seconds in eight intervals.
        let middles = (0..<8).map { (Double($0) + 0.5) * (23 + 1.0 / 30) / 8 }
        #expect(indices == middles.map { time in Self.slowEnd.lastIndex { $0 <= time } ?? 0 })
        #expect(indices.filter { $0 >= 360 }.count == 4)
    }

    @Test(arguments: [23.976, 24, 25, 29.97, 30, 59.94, 60, 120])
    func `a constant rate is sampled by index, however times are rounded`(rate: Double) {
        for digits in [1e9, 90000.0, 1000] {
            let times = (0..<250).map { (Double($0) / rate * digits).rounded() / digits }
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
            times.append(times[i] + (i.isMultiple(of: 2) ? 2 : 3) * 1001.0 / 60000)
        }
        #expect(FrameTimeline(times: times).variableTimes == nil)
        #expect(
            FrameTimeline(times: times.map { ($0 * 1000).rounded() / 1000 }).variableTimes == nil)
    }

    @Test func `the frames of a burst are an eighth of a second apart`() {
        let indices = UniformSampling(frameCount: 8, burst: 4)
            .indices(of: FrameTimeline(times: Self.slowEnd))
        let times = indices.map { Self.slowEnd[$0] }
        #expect(zip(indices, indices.dropFirst()).allSatisfy { $0 <= $1 })
        for i in 0..<3 { #expect(abs(times[i + 1] - times[i] - 0.125) < 0.034) }
    }

    @Test func `a jump of timestamps counts as ten seconds`() {
        let times = (0..<100).map { Double($0) / 10 } + (0..<100).map { 90000 + Double($0) / 10 }
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
