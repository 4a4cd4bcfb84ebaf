/// Splits a video into successive clips of `frameCount` frames.
///
/// A video that is too short for a single clip still gives one, in which its last sampled frame
/// repeats. Remaining frames at the end of a longer video that do not fill a clip are dropped.
public struct WindowSampling: Sendable, Hashable {
    /// The distance between the frames of a clip.
    public enum Step: Sendable, Hashable {
        /// Every n-th decoded frame, 1 to 1 000 000, whatever its time.
        case stride(Int)
        /// Frames per second, above 0 and up to 1000, by the frames' timestamps, as if the video
        /// were resampled first: tick n takes the first frame shown in [n/rate, (n+1)/rate); a tick
        /// without a frame repeats the previous one. Frames up to 1.5 ms early count, since many
        /// containers round to milliseconds. After a gap of more than a minute, or a step back of
        /// more than a second, clips restart.
        case clipRate(Double)
    }

    /// Frames per clip, `T`, 1 to 4096.
    public var frameCount: Int
    public var step: Step
    /// Distance between the starts of two clips, 1 to 10⁹: decoded frames with `stride`, ticks with
    /// `clipRate`. Nil means adjacent clips without overlap.
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
