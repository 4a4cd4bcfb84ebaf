public import Frames

/// What is known about an input once its first frame is decoded.
public struct MediaInfo: Sendable, Hashable {
    public let kind: MediaKind
    /// Pixels per row of the first frame, rotation applied.
    public let width: Int
    /// Rows of the first frame, rotation applied.
    public let height: Int
    /// Average frames per second as the container tells; nil for images and where nobody knows.
    public let frameRate: Double?
    /// Length that the container promises, in seconds; nil for images, pipes and where nobody knows.
    public let durationSeconds: Double?
    /// FFmpeg's name of the container, e.g. `mov,mp4,m4a,3gp,3g2,mj2`.
    public let formatName: String
    /// FFmpeg's name of the codec, e.g. `h264`.
    public let codecName: String
    /// Whether frames come when somebody sends them and nobody knows how many: of a pipe, or an address
    /// without a length.
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
