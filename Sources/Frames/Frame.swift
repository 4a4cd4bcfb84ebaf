/// A video frame or a still image: 8-bit RGB, packed rows.
public struct Frame: Sendable, Hashable {
    /// Width in pixels, at least 1.
    public let width: Int
    /// Height in pixels, at least 1.
    public let height: Int
    /// `[height, width, 3]`, in RGB order.
    public let pixels: [UInt8]
    /// Index among the decoded frames of its input, from 0.
    public let index: Int
    /// Presentation time in seconds from the start of the input, if it has one.
    public let ptsSeconds: Double?
    /// Duration in seconds, if known.
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
