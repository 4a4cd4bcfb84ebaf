/// Cuts one clip out of a whole video: the middle frame of each of `frameCount` equal intervals.
///
/// Source: VBench, `vbench/utils.py`, `get_frame_indices(sample="middle")`.
public struct UniformSampling: Sendable, Hashable, Codable {
    /// Frames per clip, `T`, 1 to 4096: 8 for ViCLIP, 1 for an image.
    public var frameCount: Int

    public init(frameCount: Int = 8) {
        self.frameCount = frameCount
    }

    /// Frame indices of the clip, ascending; the last one repeats if the video is too short.
    ///
    /// - Parameter videoLength: Decoded frames in the video, at least 1.
    public func indices(videoLength: Int) -> [Int] {
        precondition(videoLength > 0, "a video has at least one frame")
        precondition(frameCount > 0, "a clip has at least one frame")
        let count = min(frameCount, videoLength)
        let middles = (0..<count).map { i in
            let first = i * videoLength / count
            let last = (i + 1) * videoLength / count - 1
            return (first + last) / 2
        }
        return middles + Array(repeating: middles[count - 1], count: frameCount - count)
    }
}
