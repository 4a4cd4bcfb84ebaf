/// The way in which clips are sampled from frames.
public enum Sampling: Sendable, Hashable {
    /// One clip from the whole video.
    case uniform(UniformSampling)
    /// Successive clips, in constant memory.
    case window(WindowSampling)

    /// Frames per clip.
    public var frameCount: Int {
        switch self {
        case .uniform(let uniform): uniform.frameCount
        case .window(let window): window.frameCount
        }
    }

    /// Checks that all values are in range.
    ///
    /// - Throws: `FrameError.invalidSampling`, which names the value.
    public func validate() throws(FrameError) {
        func check(_ value: Int, _ range: ClosedRange<Int>, _ name: String) throws(FrameError) {
            guard range.contains(value) else {
                throw .invalidSampling(
                    reason:
                        "\(name) \(value) is not between \(range.lowerBound) and \(range.upperBound)"
                )
            }
        }
        try check(frameCount, Self.frameCounts, "frame count")
        if case .uniform(let uniform) = self {
            try check(uniform.burst, 1...frameCount, "burst")
            guard frameCount.isMultiple(of: uniform.burst) else {
                throw .invalidSampling(
                    reason: "\(frameCount) frames are not whole bursts of \(uniform.burst)")
            }
        }
        guard case .window(let window) = self else { return }
        if let hop = window.hop { try check(hop, Self.hops, "hop") }
        switch window.step {
        case .stride(let stride):
            try check(stride, Self.strides, "stride")
        case .clipRate(let rate):
            guard rate > 0, rate <= Self.maximumClipRate else {
                throw .invalidSampling(
                    reason: "clip rate \(rate) is not above 0 and up to \(Self.maximumClipRate)")
            }
        }
    }

    /// The same sampling with `frameCount` frames per clip. A burst that does not divide it is
    /// shortened to the longest that does.
    public func with(frameCount: Int) -> Sampling {
        switch self {
        case .uniform(let uniform):
            let burst = (1...max(uniform.burst, 1)).last { frameCount.isMultiple(of: $0) }
            return .uniform(UniformSampling(frameCount: frameCount, burst: burst ?? 1))
        case .window(var window):
            window.frameCount = frameCount
            return .window(window)
        }
    }

    /// Valid frames per clip, strides, hops and, above 0, clip rates.
    package static let frameCounts = 1...4096
    package static let strides = 1...1_000_000
    package static let hops = 1...1_000_000_000
    package static let maximumClipRate = 1000.0
}

extension Sampling: Codable {
    private enum CodingKeys: String, CodingKey {
        case uniform, window
    }

    /// Reads `{"uniform": {"frameCount": 8}}` or `{"window": {…}}`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if container.contains(.window) {
            self = .window(try container.decode(WindowSampling.self, forKey: .window))
        } else {
            self = .uniform(try container.decode(UniformSampling.self, forKey: .uniform))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .uniform(let uniform): try container.encode(uniform, forKey: .uniform)
        case .window(let window): try container.encode(window, forKey: .window)
        }
    }
}
