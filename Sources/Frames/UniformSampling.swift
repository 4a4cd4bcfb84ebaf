/// Samples one clip from a whole video: frames in the middle of equal intervals.
///
/// A `burst` of 1 takes the middle frame of each of `frameCount` intervals. A longer one takes
/// `burst` frames in the middle of each of `frameCount / burst` intervals, about an eighth of a
/// second apart: motion is visible only in frames that are close in time.
///
/// Source: VBench, `vbench/utils.py`, `get_frame_indices(sample="middle")`, for a burst of 1.
public struct UniformSampling: Sendable, Hashable {
    /// Frames per clip, `T`, 1 to 4096: 8 for ViCLIP, 1 for an image.
    public var frameCount: Int
    /// Frames per burst, 1 to `frameCount`; it divides `frameCount`.
    public var burst: Int
    /// Whether each frame is a clip of its own, for metrics of pictures. A video shorter than the clip has fewer.
    public var separatesFrames: Bool

    /// Approximate frames per second within a burst; the stride is rounded to whole frames.
    public static let burstRate = 8.0

    public init(frameCount: Int = 8, burst: Int = 1, separatesFrames: Bool = false) {
        self.frameCount = frameCount
        self.burst = burst
        self.separatesFrames = separatesFrames
    }

    /// Frame indices of the clip, ascending; the last one repeats if the video is too short.
    ///
    /// - Parameters:
    ///   - videoLength: Decoded frames in the video, at least 1.
    ///   - frameRate: The video's frames per second; if nil, the frames of a burst are adjacent.
    public func indices(videoLength: Int, frameRate: Double? = nil) -> [Int] {
        precondition(videoLength > 0, "a video has at least one frame")
        precondition(frameCount > 0, "a clip has at least one frame")
        let count = min(frameCount, videoLength)
        // A video shorter than the clip is taken whole.
        let length = count < frameCount ? 1 : max(1, min(burst, count))
        let intervals = count / length
        let indices = (0..<intervals).flatMap { i in
            let first = i * videoLength / intervals
            let last = (i + 1) * videoLength / intervals - 1
            let maximumStride = length > 1 ? (last - first) / (length - 1) : 1
            let stride = min(Self.stride(at: frameRate), maximumStride)
            let start = (first + last - stride * (length - 1)) / 2
            return (0..<length).map { start + $0 * stride }
        }
        return indices
            + Array(repeating: indices[indices.count - 1], count: frameCount - indices.count)
    }

    /// The stride within a burst, in frames. It is rounded with 0.4 rather than 0.5, so that no
    /// common frame rate lies where the stride changes.
    private static func stride(at frameRate: Double?) -> Int {
        guard let frameRate, frameRate.isFinite else { return 1 }
        return max(1, Int(min(max(frameRate, 0), 1e6) / burstRate + 0.4))
    }
}

extension UniformSampling: Codable {
    private enum CodingKeys: String, CodingKey {
        case frameCount, burst, separatesFrames
    }

    /// Reads `{"frameCount": 8, "burst": 4, "separatesFrames": true}`; a burst of 1 and false are omitted.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        frameCount = try container.decode(Int.self, forKey: .frameCount)
        burst = try container.decodeIfPresent(Int.self, forKey: .burst) ?? 1
        separatesFrames =
            try container.decodeIfPresent(Bool.self, forKey: .separatesFrames) ?? false
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(frameCount, forKey: .frameCount)
        if burst > 1 { try container.encode(burst, forKey: .burst) }
        if separatesFrames { try container.encode(true, forKey: .separatesFrames) }
    }
}
