import CFFmpeg
import Frames

/// The contents of a still image file, for a decoder.
struct StillImage {
    /// How the pixels are decoded.
    enum Pixels {
        /// The file for one of libav's decoders, without metadata.
        case packet([UInt8], AVCodecID)
        /// A TIFF file for libtiff.
        case tiff([UInt8])
        case heif(HEIFImage)
        case animation(WebPAnimation)
    }

    var pixels: Pixels
    /// FFmpeg's name of the format, e.g. `png_pipe`.
    var formatName: String
    /// The orientation that the metadata give.
    var orientation = Orientation.upright
    /// What the file lacks by its own structure; nil if it is complete.
    var truncation: String?
    /// Whether another image may follow, as in a sequence of images in one file.
    var mayBeFollowed = false

    /// FFmpeg's name of the codec.
    var codecName: String {
        let codec: AVCodecID =
            switch pixels {
            case .packet(_, let codec): codec
            case .tiff: AV_CODEC_ID_TIFF
            case .animation: AV_CODEC_ID_WEBP
            case .heif(let image): image.tiles.first?.codec ?? AV_CODEC_ID_NONE
            }
        return String(cString: avcodec_get_name(codec))
    }
}
