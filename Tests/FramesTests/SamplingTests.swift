import Foundation
import Frames
import Testing

@Suite struct SamplingTests {
    @Test(arguments: [(12, 6), (16, 4), (8, 4), (10, 5), (7, 1), (1, 1), (18, 6)])
    func `the burst is the largest divisor of another frame count`(
        frameCount: Int, burst: Int
    ) throws {
        let sampling = Sampling.uniform(UniformSampling(frameCount: 12, burst: 6))
        let other = sampling.with(frameCount: frameCount)
        #expect(other == .uniform(UniformSampling(frameCount: frameCount, burst: burst)))
        try other.validate()
    }

    @Test(arguments: [
        Sampling.uniform(UniformSampling(frameCount: 8)),
        .uniform(UniformSampling(frameCount: 8, burst: 4)),
        .window(WindowSampling(frameCount: 16, step: .stride(4), hop: 8)),
        .window(WindowSampling(frameCount: 1, step: .clipRate(2.5))),
    ])
    func `survives a round trip through JSON`(sampling: Sampling) throws {
        let data = try JSONEncoder().encode(sampling)
        #expect(try JSONDecoder().decode(Sampling.self, from: data) == sampling)
        try sampling.validate()
    }

    @Test(arguments: [
        Sampling.uniform(UniformSampling(frameCount: 0)),
        .uniform(UniformSampling(frameCount: Int.max)),
        .uniform(UniformSampling(frameCount: 8, burst: 3)),
        .uniform(UniformSampling(frameCount: 8, burst: 16)),
        .uniform(UniformSampling(frameCount: 8, burst: -1)),
        .window(WindowSampling(frameCount: 8, step: .stride(0))),
        .window(WindowSampling(frameCount: 8, step: .stride(.max), hop: .max)),
        .window(WindowSampling(frameCount: 8, step: .clipRate(.nan))),
        .window(WindowSampling(frameCount: 8, step: .clipRate(-1))),
        .window(WindowSampling(frameCount: 8, step: .clipRate(.infinity), hop: -3)),
    ])
    func `refuses values out of range and does not trap on them`(sampling: Sampling) throws {
        #expect(throws: FrameError.self) { try sampling.validate() }
        _ = try clips(sampling, times: (0..<100).map { Double($0) / 25 })
    }
}
