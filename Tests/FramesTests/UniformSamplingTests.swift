import Frames
import Testing

@Suite struct UniformSamplingTests {
    @Test(arguments: [
        (videoLength: 16, expected: [0, 2, 4, 6, 8, 10, 12, 14]),
        (videoLength: 80, expected: [4, 14, 24, 34, 44, 54, 64, 74]),
        (videoLength: 8, expected: [0, 1, 2, 3, 4, 5, 6, 7]),
        (videoLength: 9, expected: [0, 1, 2, 3, 4, 5, 6, 7]),
        (videoLength: 49, expected: [2, 8, 14, 20, 26, 32, 38, 45]),
    ])
    func `takes the middle frame of each interval`(videoLength: Int, expected: [Int]) {
        #expect(UniformSampling(frameCount: 8).indices(videoLength: videoLength) == expected)
    }

    /// By hand: the middle four frames of each half, with the stride of the frame rate.
    @Test(arguments: [
        (videoLength: 16, rate: 8.0 as Double?, expected: [2, 3, 4, 5, 10, 11, 12, 13]),
        (videoLength: 16, rate: nil, expected: [2, 3, 4, 5, 10, 11, 12, 13]),
        // At 24 fps every third frame; in halves of 8 frames at most every second one.
        (videoLength: 120, rate: 24, expected: [25, 28, 31, 34, 85, 88, 91, 94]),
        (videoLength: 16, rate: 24, expected: [0, 2, 4, 6, 8, 10, 12, 14]),
        (videoLength: 250, rate: 25, expected: [57, 60, 63, 66, 182, 185, 188, 191]),
        (videoLength: 81, rate: 16, expected: [16, 18, 20, 22, 57, 59, 61, 63]),
        (videoLength: 9, rate: 8, expected: [0, 1, 2, 3, 4, 5, 6, 7]),
        (videoLength: 8, rate: 60, expected: [0, 1, 2, 3, 4, 5, 6, 7]),
        (videoLength: 5, rate: 60, expected: [0, 1, 2, 3, 4, 4, 4, 4]),
    ])
    func `takes bursts from the middle of each interval`(
        videoLength: Int, rate: Double?, expected: [Int]
    ) {
        let sampling = UniformSampling(frameCount: 8, burst: 4)
        #expect(sampling.indices(videoLength: videoLength, frameRate: rate) == expected)
    }

    @Test(arguments: [1, 2, 4, 8])
    func `bursts stay within the video and ascend`(burst: Int) {
        for length in 1...70 {
            for rate in [nil, 1, 8, 23.976, 30, 59.94, .nan, 1e300, -1e300] as [Double?] {
                let indices = UniformSampling(frameCount: 8, burst: burst)
                    .indices(videoLength: length, frameRate: rate)
                #expect(indices.count == 8 && indices[0] >= 0 && indices[7] < length)
                #expect(zip(indices, indices.dropFirst()).allSatisfy { $0 <= $1 })
                if length >= 8 { #expect(Set(indices).count == 8) }
            }
        }
    }

    @Test func `a short video repeats its last frame`() {
        #expect(UniformSampling(frameCount: 8).indices(videoLength: 3) == [0, 1, 2, 2, 2, 2, 2, 2])
    }
}
