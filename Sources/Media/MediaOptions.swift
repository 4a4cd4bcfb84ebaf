/// Options for opening and decoding an input, and limits on what is accepted.
public struct MediaOptions: Sendable, Hashable {
    /// Container format as for `ffmpeg -f`, e.g. `rawvideo` or `nut`; nil detects it from the data.
    /// A named format is not probed, and may be one that is not read by default.
    public var format: String?
    /// Width of raw video, which has no header, in pixels.
    public var width: Int?
    /// Height of raw video, in pixels.
    public var height: Int?
    /// Pixel format of raw video, as for `ffmpeg -pix_fmt`; nil means `yuv420p`.
    public var pixelFormat: String?
    /// Frames per second of raw video and image sequences, e.g. `30` or `30000/1001`; nil means 25.
    public var frameRate: String?
    /// Whether an input may open further files and URLs, as HLS and DASH playlists, concat lists
    /// and movies with references do, and whether URLs with any protocol are read.
    public var allowsNestedInputs: Bool
    /// Maximum pixels per frame, 1 to 2²⁸. The default, 2²⁷, fits a 16K frame (15360 × 8640), 400 MB as RGB.
    public var pixelLimit: Int
    /// Maximum duration in seconds, 0 to 10⁹; nil means no limit.
    public var durationLimit: Double?
    /// Time-out of a pipe or URL that sends no data, in seconds, above 0 and up to a year; it includes
    /// the wait for the first byte. Nil means 30 for URLs and no time-out for pipes, whose writer may need long to start.
    public var timeoutSeconds: Double?
    /// Whether to wait for a sender to connect to the URL, instead of connecting to it.
    public var listens: Bool
    /// Decoding threads per file, 1 to 1024; nil means two, or one for short files, where a second
    /// thread costs more than it gains. The decoded frames do not depend on it: a damaged file is
    /// decoded again with one thread, and an input that can be read only once always uses one.
    public var threadCount: Int?
    /// Filters and encoders that are applied to decoded frames before sampling.
    public var filtering: FrameFiltering

    /// Valid values of `pixelLimit`; libav decodes no larger frames.
    package static let pixelLimits = 1...1 << 28
    /// Valid values of `durationLimit`.
    package static let durationLimits = 0...1e9
    /// Largest value of `timeoutSeconds`: a year.
    package static let maximumTimeout = 31_536_000.0
    /// Valid values of `width` and `height`.
    package static let sides = 1...32768
    /// Valid values of `threadCount`.
    package static let threadCounts = 1...1024

    public init(
        format: String? = nil, width: Int? = nil, height: Int? = nil, pixelFormat: String? = nil,
        frameRate: String? = nil, allowsNestedInputs: Bool = false, pixelLimit: Int = 1 << 27,
        durationLimit: Double? = nil, timeoutSeconds: Double? = nil, listens: Bool = false,
        threadCount: Int? = nil,
        filtering: FrameFiltering = .init()
    ) {
        self.format = format
        self.width = width
        self.height = height
        self.pixelFormat = pixelFormat
        self.frameRate = frameRate
        self.allowsNestedInputs = allowsNestedInputs
        self.pixelLimit = pixelLimit
        self.durationLimit = durationLimit
        self.timeoutSeconds = timeoutSeconds
        self.listens = listens
        self.threadCount = threadCount
        self.filtering = filtering
    }
}

extension MediaOptions {
    /// The reason why a value is out of range; nil if all are in range.
    var problem: String? {
        func range<Value>(_ name: String, _ value: Value?, _ range: ClosedRange<Value>) -> String? {
            guard let value, !range.contains(value) else { return nil }
            return "\(name) is from \(range.lowerBound) to \(range.upperBound), not \(value)"
        }
        if let timeoutSeconds, !(timeoutSeconds > 0 && timeoutSeconds <= Self.maximumTimeout) {
            return "the time-out is above 0 and up to \(Self.maximumTimeout), not \(timeoutSeconds)"
        }
        return range("the pixel limit", pixelLimit, Self.pixelLimits)
            ?? range("the duration limit", durationLimit, Self.durationLimits)
            ?? range("the width", width, Self.sides) ?? range("the height", height, Self.sides)
            ?? range("the number of threads", threadCount, Self.threadCounts)
    }
}
