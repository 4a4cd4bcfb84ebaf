import CFFmpeg

/// A lossy encoder and how coarse it is; what it does not name is FFmpeg's default, with one thread.
public enum RoundTripCodec: Sendable, Hashable {
    /// `-c:v libx264 -preset … -crf … -mbtree 0`, 0 (lossless) to 51.
    ///
    /// Without the macroblock tree: its AVX-512 code in libx264 164 reads memory that nobody wrote when
    /// frames have some sizes (130 × 98), so that the same frames give other bits each time.
    case h264(crf: Int, preset: String = "medium")
    /// `-c:v mpeg4 -g 12 -q:v …`, 1 to 31.
    case mpeg4(quantiser: Int)

    /// FFmpeg's name of what the frames were coded as.
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

    /// Options of the encoder's own, beside those in its context.
    var options: [String: String] {
        switch self {
        case .h264(let crf, let preset): ["crf": "\(crf)", "preset": preset, "mbtree": "0"]
        case .mpeg4: [:]
        }
    }

    /// Sets what the encoder reads from its context.
    func configure(_ context: UnsafeMutablePointer<AVCodecContext>) {
        guard case .mpeg4(let quantiser) = self else { return }
        context.pointee.gop_size = 12
        context.pointee.flags |= AV_CODEC_FLAG_QSCALE
        context.pointee.global_quality = Int32(clamping: quantiser) &* FF_QP2LAMBDA
    }
}
