package import CFFmpeg

/// Turns decoded pictures into packed 8-bit RGB, to the bit as `ffmpeg -pix_fmt rgb24` does.
///
/// The matrix (BT.601, 709, 2020) and the range are the frame's own; a frame that names no matrix is
/// taken as BT.601, one that names no range as limited, as FFmpeg does. Transfer functions and
/// primaries are left alone: HDR is not tone-mapped. Alpha is dropped, not blended: the colour under a
/// transparent pixel stays.
///
/// Where it may differ from the command: rotation by odd angles (not applied), streams that change
/// size (the command scales all frames to the first one's size, here each frame keeps its own).
///
/// PyAV's `to_ndarray(format="rgb24")` gives the same bytes for 8-bit video of even height. Odd heights it
/// interpolates bilinearly where the command does bicubically; 10-bit video differs between the FFmpeg
/// releases themselves (5.1 against the 8 inside PyAV 18). Both show at sharp colour edges only.
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
    private let turned = Picture()
    /// libswscale writes whole SIMD words: its target needs padded rows.
    private let rgb = Picture()

    package init() {}

    deinit {
        sws_freeContext(context)
    }

    /// - Returns: Size and pixels `[height, width, 3]`, turned.
    package func convert(
        _ frame: UnsafeMutablePointer<AVFrame>, orientation: Orientation, input: String
    ) throws(MediaError) -> (width: Int, height: Int, pixels: [UInt8]) {
        let format = AVPixelFormat(frame.pointee.format)
        guard let description = av_pix_fmt_desc_get(format)?.pointee else {
            throw .unsupportedPixelFormat(input: input, format: "unknown")
        }
        if orientation == .upright {
            return try convertUpright(frame, input: input) { Self.pack($0, .upright) }
        }
        guard orientation.appliesToPlanes(of: description) else {
            return try convertUpright(frame, input: input) { Self.pack($0, orientation) }
        }
        guard orientation.apply(to: frame, description: description, into: turned) else {
            throw .outOfMemory(input: input)
        }
        return try turned.withFrame { (frame) throws(MediaError) in
            try convertUpright(frame, input: input) { Self.pack($0, .upright) }
        }
    }

    /// Converts without turning and lends the RGB24 frame to `body`.
    private func convertUpright<Result>(
        _ frame: UnsafeMutablePointer<AVFrame>, input: String,
        _ body: (UnsafeMutablePointer<AVFrame>) -> Result
    ) throws(MediaError) -> Result {
        if frame.pointee.format == AV_PIX_FMT_RGB24.rawValue { return body(frame) }
        try prepare(for: frame, input: input)
        setColorspace(of: frame)
        return try rgb.withFrame { (target) throws(MediaError) in
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

    /// Makes context and target fit the frame.
    private func prepare(
        for frame: UnsafeMutablePointer<AVFrame>, input: String
    ) throws(MediaError) {
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
            // Chroma between two rows, as in MPEG-2, is FFmpeg's convention.
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

    /// Copies an RGB24 frame into packed rows, turned.
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
