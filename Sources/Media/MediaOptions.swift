/// How an input is opened and decoded, and how much of it is accepted.
public struct MediaOptions: Sendable, Hashable {
    /// The container's name, as after `ffmpeg -f`, e.g. `rawvideo` or `nut`; nil: found out from the
    /// data. A name that is given is believed: it also opens formats that are not read by default.
    public var format: String?
    /// Pixels per row of raw video, which has no header.
    public var width: Int?
    /// Rows of raw video.
    public var height: Int?
    /// Pixel format of raw video, as after `ffmpeg -pix_fmt`; nil: `yuv420p`.
    public var pixelFormat: String?
    /// Frames per second of raw video and of picture sequences, e.g. `30` or `30000/1001`; nil: 25.
    public var frameRate: String?
    /// Whether an input may open further files and addresses, as playlists (hls, dash), lists (concat)
    /// and movies with references do, and whether addresses of any kind are read.
    public var allowsNestedInputs: Bool
    /// Most pixels of one frame. The default, 2²⁷, is one 16k picture (15360 × 8640), 400 MB as RGB.
    public var pixelLimit: Int
    /// Longest accepted input in seconds; nil: any length.
    public var durationLimit: Double?
    /// How long a pipe or an address may be silent, in seconds, also before its first byte; nil: 30 for
    /// addresses, for ever for pipes, whose writer may have to think.
    public var timeoutSeconds: Double?
    /// Whether an address is where a sender will connect to, rather than where to connect to.
    public var listens: Bool
    /// Threads that decode one file, at least 1; nil: two, or one where a second would cost more than it gives. The
    /// decoded frames do not depend on it: a file that turns out damaged is decoded again with one
    /// thread, what can be read only once has one at once.
    public var threadCount: Int?
    /// What decoded frames go through before anybody sees them.
    public var treatment: FrameTreatment

    public init(
        format: String? = nil, width: Int? = nil, height: Int? = nil, pixelFormat: String? = nil,
        frameRate: String? = nil, allowsNestedInputs: Bool = false, pixelLimit: Int = 1 << 27,
        durationLimit: Double? = nil, timeoutSeconds: Double? = nil, listens: Bool = false,
        threadCount: Int? = nil,
        treatment: FrameTreatment = .init()
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
        self.treatment = treatment
    }
}
