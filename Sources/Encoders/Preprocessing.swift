/// How a frame becomes an encoder's input; part of the encoder, as in its reference.
///
/// All recipes keep 8-bit pixels until the crop is done; `(pixel / 255 − mean) / deviation` follows.
public struct Preprocessing: Sendable, Hashable, Codable {
    public enum Resize: String, Sendable, Hashable, Codable {
        /// The short side becomes `size`, the other in proportion, then a centre crop.
        case shortSide = "short_side"
        /// Both sides become `size`; the aspect ratio is lost.
        case squash
    }

    public enum Filter: String, Sendable, Hashable, Codable {
        /// Pillow's `Image.resize(…, BICUBIC)`: a = −0.5, antialiased, bit-exact on 8 bits.
        case pillowBicubic = "pillow_bicubic"
        /// OpenCV's `INTER_LINEAR` on 8 bits: bilinear, no antialiasing.
        case openCVLinear = "opencv_linear"
        /// PyTorch's bicubic on 8 bits: a = −0.75, no antialiasing.
        case torchBicubic = "torch_bicubic"
    }

    public var resize: Resize
    /// The short side, or both sides, after resizing, in pixels.
    public var size: Int
    public var filter: Filter
    /// Side of the square that the encoder sees, in pixels.
    public var crop: Int
    /// Per channel, red first, of pixels in 0…1.
    public var mean: [Float]
    public var deviation: [Float]

    public init(
        resize: Resize, size: Int, filter: Filter, crop: Int, mean: [Float], deviation: [Float]
    ) {
        self.resize = resize
        self.size = size
        self.filter = filter
        self.crop = crop
        self.mean = mean
        self.deviation = deviation
    }
}
