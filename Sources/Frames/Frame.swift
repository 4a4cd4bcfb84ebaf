/// A picture of a video, or a still: 8-bit RGB, rows packed.
public struct Frame: Sendable, Hashable {
    /// Pixels per row, at least 1.
    public let width: Int
    /// Rows, at least 1.
    public let height: Int
    /// `[height, width, 3]`, red first.
    public let pixels: [UInt8]
    /// Position among the decoded frames of its input, from 0.
    public let index: Int
    /// Presentation time from the start of the input, if it has one.
    public let ptsSeconds: Double?
    /// How long it is shown, in seconds, if that is known.
    public let durationSeconds: Double?

    public init(
        width: Int, height: Int, pixels: [UInt8], index: Int = 0, ptsSeconds: Double? = nil,
        durationSeconds: Double? = nil
    ) {
        precondition(width > 0 && height > 0 && pixels.count == width * height * 3)
        self.width = width
        self.height = height
        self.pixels = pixels
        self.index = index
        self.ptsSeconds = ptsSeconds
        self.durationSeconds = durationSeconds
    }
}
