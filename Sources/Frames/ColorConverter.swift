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
        var targetWidth: Int32
        var targetHeight: Int32
        var format: Int32
        var range: AVColorRange

        var scales: Bool { targetWidth != width || targetHeight != height }

        /// Rows that are converted at once: all of a frame of up to 4 million pixels and of one that
        /// is scaled, otherwise a multiple of 16, so that no chroma row or Bayer pattern is split.
        var stripHeight: Int {
            let rows = max((1 << 22) / max(Int(width), 1) & ~15, 16)
            return scales ? Int(max(height, targetHeight)) : min(Int(height), rows)
        }
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

    /// Converts a frame, applies its orientation and makes its pixels square, in one pass as
    /// `ffmpeg -vf scale=iw*sar:ih,setsar=1 -pix_fmt rgb24` does.
    ///
    /// - Parameter aspect: The shape of the stored pixels, before rotation.
    /// - Returns: Size and pixels, `[height, width, 3]`, after rotation.
    package func convert(
        _ frame: UnsafeMutablePointer<AVFrame>, orientation: Orientation,
        aspect: PixelAspect = .square, input: String
    ) throws(FrameError) -> (width: Int, height: Int, pixels: [UInt8]) {
        let format = AVPixelFormat(frame.pointee.format)
        guard let description = av_pix_fmt_desc_get(format)?.pointee else {
            throw .unsupportedPixelFormat(input: input, format: "unknown")
        }
        var wanted = Settings(
            width: frame.pointee.width, height: frame.pointee.height,
            targetWidth: frame.pointee.width, targetHeight: frame.pointee.height,
            format: format.rawValue, range: frame.pointee.color_range)
        // The height after rotation is kept.
        if orientation.transposes {
            wanted.targetHeight = Int32(
                clamping: aspect.transposed.displayWidth(of: Int(wanted.height)))
        } else {
            wanted.targetWidth = Int32(clamping: aspect.displayWidth(of: Int(wanted.width)))
        }
        // The array, which Swift could not refuse; libswscale's target is small or can be refused.
        let byteCount = Checked.product(3, Int(wanted.targetWidth), Int(wanted.targetHeight))
        guard Memory.isAvailable(byteCount) else { throw .outOfMemory(input: input) }
        guard orientation != .upright, orientation.appliesToPlanes(of: description) else {
            return try pack(frame, description, wanted, orientation, input: input)
        }
        guard orientation.apply(to: frame, description: description, into: oriented) else {
            throw .outOfMemory(input: input)
        }
        if orientation.transposes {
            (wanted.width, wanted.height) = (wanted.height, wanted.width)
            (wanted.targetWidth, wanted.targetHeight) = (wanted.targetHeight, wanted.targetWidth)
        }
        return try oriented.withFrame { (frame) throws(FrameError) in
            try pack(frame, description, wanted, .upright, input: input)
        }
    }

    /// Converts a frame to packed rows of RGB and applies the orientation to them.
    private func pack(
        _ frame: UnsafeMutablePointer<AVFrame>, _ description: AVPixFmtDescriptor,
        _ settings: Settings, _ orientation: Orientation, input: String
    ) throws(FrameError) -> (width: Int, height: Int, pixels: [UInt8]) {
        let width = Int(settings.targetWidth)
        let height = Int(settings.targetHeight)
        let (columns, rows) = orientation.transposes ? (height, width) : (width, height)
        let count = width * height * 3
        var failure: FrameError?
        let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            guard let target = buffer.baseAddress else { return }
            do throws(FrameError) {
                try strips(of: frame, description, settings, input: input) {
                    source, stride, row, rowCount in
                    // Where the stored row goes: to a row or, transposed, to a column.
                    let position = orientation.flipsRows ? height - row - rowCount : row
                    let offset = position * (orientation.transposes ? 3 : columns * 3)
                    if orientation == .upright {
                        for i in 0..<rowCount {
                            (target + offset + i * width * 3).initialize(
                                from: source + i * stride, count: width * 3)
                        }
                    } else {
                        orientation.copyPlane(
                            from: source, stride: stride, width: width, height: rowCount, size: 3,
                            to: target + offset, targetStride: columns * 3)
                    }
                }
                filled = count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return (columns, rows, pixels)
    }

    /// Converts a frame strip by strip, so that a large one needs no second RGB image, and lends each
    /// strip of RGB24 to `body`.
    ///
    /// - Parameter body: Gets the top row of the strip, the stride to the next one in bytes, the index
    ///   of the top row in the image and the number of rows.
    private func strips(
        of frame: UnsafeMutablePointer<AVFrame>, _ description: AVPixFmtDescriptor,
        _ settings: Settings, input: String,
        _ body: (UnsafePointer<UInt8>, Int, Int, Int) -> Void
    ) throws(FrameError) {
        let height = Int(settings.height)
        if settings.format == AV_PIX_FMT_RGB24.rawValue && !settings.scales {
            guard let pixels = frame.pointee.extended_data[0] else { return }
            return body(pixels, frame.pointee.strides[0], 0, height)
        }
        try prepare(settings, for: frame, input: input)
        setColorspace(of: frame)
        let stripHeight = settings.stripHeight
        let strides = frame.pointee.strides
        let isIndexed = description.flags & UInt64(AV_PIX_FMT_FLAG_PAL) != 0
        let isConverted = rgb.withFrame { target in
            guard let base = target.pointee.extended_data[0] else { return false }
            let stride = target.pointee.strides[0]
            var row = 0
            for top in Swift.stride(from: 0, to: height, by: stripHeight) {
                let planes = (0..<4).map { plane -> UnsafePointer<UInt8>? in
                    guard let plane0 = frame.pointee.extended_data[plane] else { return nil }
                    // The second plane of an indexed format is its palette.
                    if isIndexed && plane == 1 { return UnsafePointer(plane0) }
                    let shift = plane == 1 || plane == 2 ? Int(description.log2_chroma_h) : 0
                    return UnsafePointer(plane0 + (top >> shift) * strides[plane])
                }
                // libswscale counts rows from the top of the frame.
                let targets: [UnsafeMutablePointer<UInt8>?] = [base - row * stride, nil, nil, nil]
                let rowCount = Int(
                    sws_scale(
                        context, planes, strides.map { Int32(truncatingIfNeeded: $0) }, Int32(top),
                        Int32(min(stripHeight, height - top)), targets,
                        [Int32(truncatingIfNeeded: stride), 0, 0, 0]))
                guard rowCount >= 0, row + rowCount <= Int(settings.targetHeight) else {
                    return false
                }
                if rowCount > 0 { body(base, stride, row, rowCount) }
                row += rowCount
            }
            return row == Int(settings.targetHeight)
        }
        guard isConverted else {
            throw .unsupportedPixelFormat(input: input, format: Self.name(of: frame))
        }
    }

    /// Rows that libswscale may hold back for its vertical filter, at most.
    private static let heldRows = 64

    /// Configures the scaler context and the target for the frame, unless they fit already.
    private func prepare(
        _ wanted: Settings, for frame: UnsafeMutablePointer<AVFrame>, input: String
    ) throws(FrameError) {
        if settings == wanted { return }
        settings = nil
        sws_freeContext(context)
        context = sws_alloc_context()
        guard let context,
            rgb.reserve(
                width: wanted.targetWidth,
                height: min(wanted.targetHeight, Int32(wanted.stripHeight + Self.heldRows)),
                format: AV_PIX_FMT_RGB24.rawValue)
        else { throw .outOfMemory(input: input) }
        var values: [(String, Int64)] = [
            ("srcw", Int64(wanted.width)), ("srch", Int64(wanted.height)),
            ("src_format", Int64(wanted.format)),
            ("dstw", Int64(wanted.targetWidth)), ("dsth", Int64(wanted.targetHeight)),
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

    private static func name(of frame: UnsafeMutablePointer<AVFrame>) -> String {
        av_get_pix_fmt_name(AVPixelFormat(frame.pointee.format)).map { String(cString: $0) }
            ?? "unknown"
    }
}
