public import Frames

/// Metadata of an input, known once its first frame is decoded.
public struct MediaInfo: Sendable, Hashable {
    public let kind: MediaKind
    /// Width of the first frame in coded pixels, rotation applied. The pixels of anamorphic video
    /// are not square: its frames are scaled to another width when they are sampled.
    public let width: Int
    /// Height of the first frame in pixels, rotation applied.
    public let height: Int
    /// Average frames per second according to the container; nil for images or if unknown.
    public let frameRate: Double?
    /// Duration that the container declares, in seconds; nil for images, pipes or if unknown.
    public let durationSeconds: Double?
    /// FFmpeg's name of the container, e.g. `mov,mp4,m4a,3gp,3g2,mj2`.
    public let formatName: String
    /// FFmpeg's name of the codec, e.g. `h264`.
    public let codecName: String
    /// Whether the input is a live stream of unknown length: a pipe, or a URL without a duration.
    public let isLive: Bool

    public init(
        kind: MediaKind, width: Int, height: Int, frameRate: Double?, durationSeconds: Double?,
        formatName: String, codecName: String, isLive: Bool = false
    ) {
        self.kind = kind
        self.width = width
        self.height = height
        self.frameRate = frameRate
        self.durationSeconds = durationSeconds
        self.formatName = formatName
        self.codecName = codecName
        self.isLive = isLive
    }
}
