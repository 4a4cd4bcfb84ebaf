/// Cuts a video into clips of `frameCount` frames, one after the other, as long as it runs.
///
/// A video that is too short for a single clip still gives one: its last sampled frame repeats. What
/// is left at the end of a longer video and does not fill a clip is dropped.
public struct WindowSampling: Sendable, Hashable {
    /// Which frames of the video a clip takes.
    public enum Step: Sendable, Hashable {
        /// Every n-th decoded frame, 1 to 1 000 000, whatever its time.
        case stride(Int)
        /// So many frames per second, above 0 and up to 1000, by the frames' timestamps, as if the
        /// video were resampled first: tick n takes the first frame shown in [n/rate, (n+1)/rate), a
        /// tick without a frame repeats the one before. Frames that come up to 1.5 ms early count, since
        /// many containers round to milliseconds. After a gap of more than a minute, or a step back of more
        /// than a second, clips start anew.
        case clipRate(Double)
    }

    /// Frames per clip, `T`, 1 to 4096.
    public var frameCount: Int
    public var step: Step
    /// From the start of one clip to the start of the next: decoded frames with `stride`, ticks with
    /// `clipRate`; 1 to 10⁹. Nil: clips touch and do not overlap.
    public var hop: Int?

    public init(frameCount: Int = 8, step: Step = .stride(1), hop: Int? = nil) {
        self.frameCount = frameCount
        self.step = step
        self.hop = hop
    }
}

extension WindowSampling: Codable {
    private enum CodingKeys: String, CodingKey {
        case frameCount, stride, clipRate, hop
    }

    /// Reads `{"frameCount": 8, "stride": 4, "hop": 16}`, or `clipRate` instead of `stride`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        frameCount = try container.decode(Int.self, forKey: .frameCount)
        hop = try container.decodeIfPresent(Int.self, forKey: .hop)
        if let rate = try container.decodeIfPresent(Double.self, forKey: .clipRate) {
            step = .clipRate(rate)
        } else {
            step = .stride(try container.decodeIfPresent(Int.self, forKey: .stride) ?? 1)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(frameCount, forKey: .frameCount)
        switch step {
        case .stride(let stride): try container.encode(stride, forKey: .stride)
        case .clipRate(let rate): try container.encode(rate, forKey: .clipRate)
        }
        try container.encodeIfPresent(hop, forKey: .hop)
    }
}
