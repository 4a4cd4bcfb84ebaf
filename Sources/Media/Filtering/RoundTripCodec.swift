import CFFmpeg

/// A lossy encoder and its quality. Other options are FFmpeg's defaults, with one thread.
public enum RoundTripCodec: Sendable, Hashable {
    /// `-c:v libx264 -preset … -crf … -mbtree 0`, CRF 0 (lossless) to 51.
    ///
    /// The macroblock tree is off: with some frame sizes (130 × 98) its AVX-512 code in libx264 164
    /// reads uninitialized memory, so that the output is not deterministic.
    case h264(crf: Int, preset: String = "medium")
    /// `-c:v mpeg4 -g 12 -q:v …`, quantiser 1 to 31.
    case mpeg4(quantiser: Int)

    /// FFmpeg's name of the codec.
    var codecName: String {
        switch self {
        case .h264: "h264"
        case .mpeg4: "mpeg4"
        }
    }

    /// FFmpeg's name of the encoder.
    var encoderName: String {
        switch self {
        case .h264: "libx264"
        case .mpeg4: "mpeg4"
        }
    }

    /// Whether the FFmpeg that is linked has the encoder.
    var isBuiltIn: Bool { avcodec_find_encoder_by_name(encoderName) != nil }

    /// The encoder's private options.
    var options: [String: String] {
        switch self {
        case .h264(let crf, let preset): ["crf": "\(crf)", "preset": preset, "mbtree": "0"]
        case .mpeg4: [:]
        }
    }

    /// Sets the options that are fields of the codec context.
    func configure(_ context: UnsafeMutablePointer<AVCodecContext>) {
        guard case .mpeg4(let quantiser) = self else { return }
        context.pointee.gop_size = 12
        context.pointee.flags |= AV_CODEC_FLAG_QSCALE
        context.pointee.global_quality = Int32(clamping: quantiser) &* FF_QP2LAMBDA
    }
}
