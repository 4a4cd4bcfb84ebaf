/// Frames that attend to each other, as the transformer takes them.
public struct PixelClip: Sendable {
    /// `T`, at least 1.
    public let frameCount: Int
    /// Normalised pixels, `[T, 3, H, W]`, red first.
    public let elements: [Float]

    /// - Precondition: `elements` divides into `frameCount` frames.
    public init(frameCount: Int, elements: [Float]) {
        precondition(frameCount > 0 && elements.count.isMultiple(of: 3 * frameCount))
        self.frameCount = frameCount
        self.elements = elements
    }
}
