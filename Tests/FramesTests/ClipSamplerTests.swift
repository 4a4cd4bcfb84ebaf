import Frames
import Testing
import TestSupport

@Suite struct ClipSamplerTests {
    @Test func `windows are adjacent by default and the rest is dropped`() throws {
        let window = WindowSampling(frameCount: 4, step: .stride(2))
        let indices = try clips(.window(window), times: (0..<22).map(Double.init)).map(\.indices)
        #expect(indices == [[0, 2, 4, 6], [8, 10, 12, 14]])
    }

    @Test func `windows can overlap or skip frames`() throws {
        let overlapping = WindowSampling(frameCount: 3, step: .stride(2), hop: 3)
        let times = (0..<12).map(Double.init)
        #expect(
            try clips(.window(overlapping), times: times).map(\.indices)
                == [[0, 2, 4], [3, 5, 7], [6, 8, 10]])
        let sparse = WindowSampling(frameCount: 2, step: .stride(1), hop: 5)
        #expect(
            try clips(.window(sparse), times: times).map(\.indices) == [
                [0, 1], [5, 6], [10, 11],
            ])
    }

    @Test func `uniform frames may be a clip each`() throws {
        let uniform = UniformSampling(frameCount: 4, separatesFrames: true)
        let times = (0..<8).map(Double.init)
        #expect(try clips(.uniform(uniform), times: times).map(\.indices) == [[0], [2], [4], [6]])
        let clip = try clips(.uniform(UniformSampling(frameCount: 4)), times: times)
        #expect(clip.map(\.indices) == [[0, 2, 4, 6]])
        // A video that is too short has fewer clips.
        #expect(try clips(.uniform(uniform), times: [0, 1]).map(\.indices) == [[0], [1]])
    }

    @Test func `a clip is returned as soon as its last frame is pushed`() throws {
        var sampler = ClipSampler(
            sampling: .window(WindowSampling(frameCount: 2, step: .stride(3), hop: 3)))
        var completed: [Int] = []
        for i in 0..<8 {
            let time = FrameTime(index: i)
            guard sampler.wants(time) else {
                sampler.skip(time)
                continue
            }
            if try !sampler.push([UInt8(i)], time).isEmpty { completed.append(i) }
        }
        #expect(completed == [3, 6])
        #expect(try sampler.finish().isEmpty)
    }

    @Test func `a short video gives one clip with its last frame repeated`() throws {
        let window = WindowSampling(frameCount: 4, step: .stride(2))
        let short = try clips(.window(window), times: [0, 1, 2])
        #expect(short.map(\.indices) == [[0, 2, 2, 2]])
        #expect(short.map(\.frames) == [[[0], [2], [2], [2]]])
        #expect(try clips(.window(window), times: []).isEmpty)
    }

    @Test func `a clip rate uses the time stamps`() throws {
        let window = WindowSampling(frameCount: 4, step: .clipRate(8))
        let constant = try clips(.window(window), times: (0..<24).map { Double($0) / 24 })
        #expect(constant.map(\.indices) == [[0, 3, 6, 9], [12, 15, 18, 21]])
        // Time stamps in milliseconds, as in Matroska.
        let rounded = (0..<24).map { (Double($0) / 24 * 1000).rounded(.down) / 1000 }
        #expect(
            try clips(.window(window), times: rounded).map(\.indices) == constant.map(\.indices))
        // A slower video repeats frames.
        let slow = try clips(.window(window), times: (0..<4).map { Double($0) / 4 })
        #expect(slow.map(\.indices) == [[0, 0, 1, 1]])
        // A frame that is shown for a second is repeated.
        let still = try clips(.window(window), times: [0, 0.125, 1.125, 1.25, 1.375, 1.5])
        #expect(still.map(\.indices) == [[0, 1, 1, 1], [1, 1, 1, 1], [1, 2, 3, 4]])
    }

    @Test func `clips restart after a gap of more than a minute`() throws {
        let window = WindowSampling(frameCount: 2, step: .clipRate(1))
        let times = [0, 1, 2, 1e15, 1e15 + 1, 1e15 + 2]
        #expect(try clips(.window(window), times: times).map(\.indices) == [[0, 1], [3, 4]])
    }

    @Test func `a clip rate requires time stamps`() throws {
        var sampler = ClipSampler(sampling: .window(WindowSampling(step: .clipRate(8))))
        let time = FrameTime(index: 0)
        #expect(sampler.wants(time))
        #expect(throws: FrameError.noTimestamps) { try sampler.push([0], time) }
    }

    @Test func `uniform sampling requests only its frames if the length is known`() throws {
        let sampling = Sampling.uniform(UniformSampling(frameCount: 3))
        var sampler = ClipSampler(sampling: sampling, videoLength: 30)
        #expect((0..<30).filter { sampler.wants(FrameTime(index: $0)) } == [4, 14, 24])
        for i in 0..<29 { sampler.skip(FrameTime(index: i)) }
        #expect(throws: FrameError.lengthChanged(expected: 30, found: 29)) {
            try sampler.finish()
        }
    }

    /// A memory limit of a few bytes forces the use of the temporary file.
    @Test(arguments: [0, 10, 1 << 20])
    func `uniform sampling is the same with known and unknown length`(memoryLimit: Int) throws {
        for length in [1, 3, 8, 100] {
            let sampling = Sampling.uniform(UniformSampling(frameCount: 8))
            let times = (0..<length).map { Double($0) / 10 }
            let known = try clips(sampling, times: times, videoLength: length)
            let unknown = try clips(sampling, times: times, memoryLimit: memoryLimit)
            #expect(known == unknown)
            #expect(known.first?.startSeconds == known.first.map { Double($0.indices[0]) / 10 })
        }
    }

    /// With a known length the frame rate is the container's, otherwise that of the time stamps.
    @Test(arguments: [8.0, 24, 30])
    func `bursts are the same with known and unknown length`(rate: Double) throws {
        let sampling = Sampling.uniform(UniformSampling(frameCount: 8, burst: 4))
        for length in [1, 3, 8, 17, 100] {
            let times = (0..<length).map { Double($0) / rate }
            let known = try clips(sampling, times: times, videoLength: length, frameRate: rate)
            #expect(try clips(sampling, times: times) == known)
            let bursts = try #require(known.first).bursts
            let expected = length < 8 ? [Array(0..<length)] : [[0, 1, 2, 3], [4, 5, 6, 7]]
            #expect(bursts == expected)
        }
    }

    @Test func `a clip has the bursts of its consecutive frames`() throws {
        let times = (0..<40).map { Double($0) / 8 }
        func bursts(_ sampling: Sampling, times: [Double]) throws -> [[Int]]? {
            try clips(sampling, times: times).first?.bursts
        }
        #expect(
            try bursts(.uniform(UniformSampling(frameCount: 8)), times: times) == [])
        let window = Sampling.window(WindowSampling(frameCount: 6, step: .stride(2)))
        #expect(try bursts(window, times: times) == [Array(0..<6)])
        // 4 fps sampled at 8 fps: each frame occurs twice.
        let rate = Sampling.window(WindowSampling(frameCount: 6, step: .clipRate(8)))
        #expect(try bursts(rate, times: (0..<9).map { Double($0) / 4 }) == [[0, 2, 4]])
        #expect(try bursts(window, times: Array(times.prefix(3))) == [[0, 1]])
    }

    /// Compares with a direct implementation of the definition.
    @Test func `windows match their definition`() throws {
        var generator = SplitMix(state: 3)
        for _ in 0..<200 {
            let count = Int.random(in: 1...5, using: &generator)
            let stride = Int.random(in: 1...4, using: &generator)
            let hop = Int.random(in: 1...9, using: &generator)
            let length = Int.random(in: 1...60, using: &generator)
            var expected: [[Int]] = []
            for start in Swift.stride(from: 0, to: length, by: hop)
            where start + (count - 1) * stride < length {
                expected.append((0..<count).map { start + $0 * stride })
            }
            if expected.isEmpty {
                let last = (length - 1) / stride
                expected = [(0..<count).map { min($0, last) * stride }]
            }
            let window = WindowSampling(frameCount: count, step: .stride(stride), hop: hop)
            let found = try clips(.window(window), times: (0..<length).map(Double.init))
            #expect(found.map(\.indices) == expected)
            #expect(found.allSatisfy { $0.frames == $0.indices.map { [UInt8($0)] } })
        }
    }
}

/// Samples frames with a single byte, their index, and returns all clips.
func clips(
    _ sampling: Sampling, times: [Double], videoLength: Int? = nil, frameRate: Double? = nil,
    memoryLimit: Int = 1 << 20
) throws -> [Clip] {
    var sampler = ClipSampler(
        sampling: sampling, expected: videoLength.map(FrameTimeline.init(count:)),
        frameRate: frameRate, memoryLimit: memoryLimit)
    var clips: [Clip] = []
    for (i, seconds) in times.enumerated() {
        let time = FrameTime(index: i, ptsSeconds: seconds)
        if sampler.wants(time) {
            clips += try sampler.push([UInt8(truncatingIfNeeded: i)], time)
        } else {
            sampler.skip(time)
        }
    }
    return clips + (try sampler.finish())
}
