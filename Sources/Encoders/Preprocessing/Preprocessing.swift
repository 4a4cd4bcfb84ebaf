public import Frames

/// Preprocessing of frames; part of the encoder, as in its reference implementation.
///
/// Frames are resized and cropped, in 8 bits or in floating point as the filter has it, then
/// normalized to `(pixel / 255 − mean) / deviation`.
public struct Preprocessing: Sendable, Hashable, Codable {
    public enum Resize: String, Sendable, Hashable, Codable {
        /// Resizes the short side to `size`, keeping the aspect ratio.
        case shortSide = "short_side"
        /// Resizes both sides to `size`, changing the aspect ratio.
        case squash
    }

    /// How the offset of the centre crop is rounded, if its margin is odd.
    public enum CropOffset: String, Sendable, Hashable, Codable {
        /// Hugging Face's processors: the extra pixel is right and below.
        case down
        /// torchvision's `CenterCrop`, which rounds half to even: another offset for margins 3, 7, 11…
        case halfToEven = "half_to_even"
    }

    public var resize: Resize
    /// Size of the short side, or of both sides, after resizing, in pixels.
    public var size: Int
    public var filter: Resampling.Filter
    /// Size of the square centre crop, in pixels.
    public var crop: Int
    /// Nil is `halfToEven` for torch's filters, else `down`.
    public var cropOffset: CropOffset?
    /// Mean of the red, green and blue channels, for pixel values in 0…1.
    public var mean: [Float]
    /// Standard deviation of the red, green and blue channels, for pixel values in 0…1.
    public var deviation: [Float]

    public init(
        resize: Resize, size: Int, filter: Resampling.Filter, crop: Int, mean: [Float],
        deviation: [Float], cropOffset: CropOffset? = nil
    ) {
        self.resize = resize
        self.size = size
        self.filter = filter
        self.crop = crop
        self.mean = mean
        self.deviation = deviation
        self.cropOffset = cropOffset
    }
}
