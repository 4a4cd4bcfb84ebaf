package import CFFmpeg
import Files

/// Converts decoded frames to packed 8-bit RGB, bit-identical to `ffmpeg -pix_fmt rgb24`.
///
/// The matrix (BT.601, 709, 2020) and the range are those of the frame. As in FFmpeg, an
/// unspecified matrix means BT.601, an unspecified range means limited. Transfer functions and
/// primaries are ignored: HDR is not tone-mapped. Alpha is dropped, not blended: the colour of a
/// transparent pixel is kept.
///
/// There are two differences from the command. Rotations that are not multiples of 90° are not
/// applied. In a stream that changes size each frame keeps its own, while the command scales all
/// frames to the size of the first.
///
/// PyAV's `to_ndarray(format="rgb24")` gives the same bytes for 8-bit video of even height. For odd
/// heights it interpolates bilinearly instead of bicubically; 10-bit video differs between FFmpeg
/// releases (5.1 and the 8 in PyAV 18). Both differences show only at sharp colour edges.
///
/// Source: FFmpeg 5.1, `libavfilter/vf_scale.c`, `config_props` and `scale_frame`.
package final class ColorConverter {
    private struct Settings: Equatable {
        var width: Int32
        var height: Int32
        var format: Int32
        var range: AVColorRange
    }

    private var settings: Settings?
    private var context: OpaquePointer?
    private let oriented = UniqueAVFrame()
    /// libswscale writes whole SIMD words, so its target needs padded rows.
    private let rgb = UniqueAVFrame()

    package init() {}

    deinit {
        sws_freeContext(context)
    }

    /// Converts a frame and applies its orientation.
    ///
    /// - Returns: Size and pixels, `[height, width, 3]`, after rotation.
    package func convert(
        _ frame: UnsafeMutablePointer<AVFrame>, orientation: Orientation, input: String
    ) throws(FrameError) -> (width: Int, height: Int, pixels: [UInt8]) {
        let format = AVPixelFormat(frame.pointee.format)
        guard let description = av_pix_fmt_desc_get(format)?.pointee else {
            throw .unsupportedPixelFormat(input: input, format: "unknown")
        }
        // libswscale's target and the array, which Swift could not refuse.
        let byteCount = Checked.product(6, Int(frame.pointee.width), Int(frame.pointee.height))
        guard Memory.isAvailable(byteCount) else { throw .outOfMemory(input: input) }
        if orientation == .upright {
            return try convertUpright(frame, input: input) { Self.pack($0, .upright) }
        }
        guard orientation.appliesToPlanes(of: description) else {
            return try convertUpright(frame, input: input) { Self.pack($0, orientation) }
        }
        guard orientation.apply(to: frame, description: description, into: oriented) else {
            throw .outOfMemory(input: input)
        }
        return try oriented.withFrame { (frame) throws(FrameError) in
            try convertUpright(frame, input: input) { Self.pack($0, .upright) }
        }
    }

    /// Converts without rotation and lends the RGB24 frame to `body`.
    private func convertUpright<Result>(
        _ frame: UnsafeMutablePointer<AVFrame>, input: String,
        _ body: (UnsafeMutablePointer<AVFrame>) -> Result
    ) throws(FrameError) -> Result {
        if frame.pointee.format == AV_PIX_FMT_RGB24.rawValue { return body(frame) }
        try prepare(for: frame, input: input)
        setColorspace(of: frame)
        return try rgb.withFrame { (target) throws(FrameError) in
            let strides = frame.pointee.strides.map { Int32(truncatingIfNeeded: $0) }
            let targetStrides = target.pointee.strides.map { Int32(truncatingIfNeeded: $0) }
            let rows = frame.pointee.extended_data.withMemoryRebound(
                to: UnsafePointer<UInt8>?.self, capacity: 4
            ) { source in
                sws_scale(
                    context, source, strides, 0, frame.pointee.height, target.pointee.extended_data,
                    targetStrides)
            }
            guard rows == frame.pointee.height else {
                throw .unsupportedPixelFormat(input: input, format: Self.name(of: frame))
            }
            return body(target)
        }
    }

    /// Configures the scaler context and the target for the frame, unless they fit already.
    private func prepare(
        for frame: UnsafeMutablePointer<AVFrame>, input: String
    ) throws(FrameError) {
        let wanted = Settings(
            width: frame.pointee.width, height: frame.pointee.height,
            format: frame.pointee.format, range: frame.pointee.color_range)
        if settings == wanted { return }
        settings = nil
        sws_freeContext(context)
        context = sws_alloc_context()
        guard let context,
            rgb.reserve(
                width: wanted.width, height: wanted.height, format: AV_PIX_FMT_RGB24.rawValue)
        else { throw .outOfMemory(input: input) }
        var values: [(String, Int64)] = [
            ("srcw", Int64(wanted.width)), ("srch", Int64(wanted.height)),
            ("src_format", Int64(wanted.format)),
            ("dstw", Int64(wanted.width)), ("dsth", Int64(wanted.height)),
            ("dst_format", Int64(AV_PIX_FMT_RGB24.rawValue)),
            ("sws_flags", Int64(SWS_BICUBIC)),
        ]
        if wanted.range != AVCOL_RANGE_UNSPECIFIED {
            values.append(("src_range", wanted.range == AVCOL_RANGE_JPEG ? 1 : 0))
        }
        if wanted.format == AV_PIX_FMT_YUV420P.rawValue {
            // FFmpeg's convention: chroma lies between two rows, as in MPEG-2.
            values.append(("src_v_chr_pos", 128))
        }
        for (name, value) in values {
            av_opt_set_int(UnsafeMutableRawPointer(context), name, value, 0)
        }
        guard sws_init_context(context, nil, nil) >= 0 else {
            throw .unsupportedPixelFormat(input: input, format: Self.name(of: frame))
        }
        settings = wanted
    }

    private func setColorspace(of frame: UnsafeMutablePointer<AVFrame>) {
        var inverse: UnsafeMutablePointer<Int32>?
        var table: UnsafeMutablePointer<Int32>?
        var isFull: Int32 = 0
        var targetIsFull: Int32 = 0
        var brightness: Int32 = 0
        var contrast: Int32 = 0
        var saturation: Int32 = 0
        sws_getColorspaceDetails(
            context, &inverse, &isFull, &table, &targetIsFull, &brightness, &contrast, &saturation)
        if frame.pointee.color_range != AVCOL_RANGE_UNSPECIFIED {
            isFull = frame.pointee.color_range == AVCOL_RANGE_JPEG ? 1 : 0
        }
        var space = Int32(frame.pointee.colorspace.rawValue)
        if space < 1 || space > 10 || space == 8 { space = Int32(AVCOL_SPC_BT470BG.rawValue) }
        let coefficients = sws_getCoefficients(space)
        sws_setColorspaceDetails(
            context, coefficients, isFull, coefficients, targetIsFull, brightness, contrast,
            saturation)
    }

    /// Copies an RGB24 frame to packed rows and applies the orientation.
    private static func pack(
        _ frame: UnsafeMutablePointer<AVFrame>, _ orientation: Orientation
    ) -> (width: Int, height: Int, pixels: [UInt8]) {
        let width = Int(frame.pointee.width)
        let height = Int(frame.pointee.height)
        let stride = Int(frame.pointee.linesize.0)
        let (columns, rows) = orientation.transposes ? (height, width) : (width, height)
        let count = width * height * 3
        let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            guard let target = buffer.baseAddress, let source = frame.pointee.extended_data[0]
            else {
                return
            }
            if orientation == .upright {
                for row in 0..<height {
                    (target + row * width * 3).initialize(
                        from: source + row * stride, count: width * 3)
                }
            } else {
                orientation.copyPlane(
                    from: source, stride: stride, width: width, height: height, size: 3,
                    to: target, targetStride: columns * 3)
            }
            filled = count
        }
        return (columns, rows, pixels)
    }

    private static func name(of frame: UnsafeMutablePointer<AVFrame>) -> String {
        av_get_pix_fmt_name(AVPixelFormat(frame.pointee.format)).map { String(cString: $0) }
            ?? "unknown"
    }
}
