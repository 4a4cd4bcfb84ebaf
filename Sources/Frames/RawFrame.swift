import CFFmpeg

/// A raw video frame in memory that the caller owns.
public struct RawFrame {
    /// Pixel format, under FFmpeg's name. Chroma of odd sizes is rounded up, alpha is ignored.
    public enum Layout: Sendable, CaseIterable {
        case rgb24, rgba, gbrp, gray8
        case yuv420p, yuv422p, yuv444p
        /// 16 bits per sample, little-endian, the lower 10 used.
        case yuv420p10, yuv422p10, yuv444p10
        case nv12
        /// 16 bits per sample, little-endian, the upper 10 used.
        case p010

        var pixelFormat: AVPixelFormat {
            switch self {
            case .rgb24: AV_PIX_FMT_RGB24
            case .rgba: AV_PIX_FMT_RGBA
            case .gbrp: AV_PIX_FMT_GBRP
            case .gray8: AV_PIX_FMT_GRAY8
            case .yuv420p: AV_PIX_FMT_YUV420P
            case .yuv422p: AV_PIX_FMT_YUV422P
            case .yuv444p: AV_PIX_FMT_YUV444P
            case .yuv420p10: AV_PIX_FMT_YUV420P10LE
            case .yuv422p10: AV_PIX_FMT_YUV422P10LE
            case .yuv444p10: AV_PIX_FMT_YUV444P10LE
            case .nv12: AV_PIX_FMT_NV12
            case .p010: AV_PIX_FMT_P010LE
            }
        }
    }

    public enum Range: Sendable {
        case unknown, limited, full
    }

    /// A plane: its top row, and the stride to the next row in bytes, which may be negative and is
    /// ignored for a plane of one row.
    public typealias Plane = (top: UnsafePointer<UInt8>?, stride: Int)

    public var layout: Layout
    /// Size in pixels.
    public var width: Int
    public var height: Int
    /// The planes, at least as many as the layout has.
    public var planes: [Plane]
    /// Color matrix: a MatrixCoefficients value of ITU-T H.273.
    public var matrix: Int
    public var range: Range
    /// The shape of a pixel. Frames are scaled to square pixels; unknown ratios (0) and those beyond
    /// 10:1 and 1:10 are ignored.
    public var sampleAspectRatio: (width: Int, height: Int)

    public init(
        layout: Layout, width: Int, height: Int, planes: [Plane], matrix: Int, range: Range,
        sampleAspectRatio: (width: Int, height: Int) = (1, 1)
    ) {
        self.layout = layout
        self.width = width
        self.height = height
        self.planes = planes
        self.matrix = matrix
        self.range = range
        self.sampleAspectRatio = sampleAspectRatio
    }

    /// The shape of a pixel; square if the scaled frame would be too large.
    var aspect: PixelAspect {
        let (width, height) = sampleAspectRatio
        let aspect = PixelAspect(
            AVRational(num: Int32(clamping: width), den: Int32(clamping: height)))
        let displayWidth = aspect.displayWidth(of: self.width)
        return displayWidth <= Self.maximumSide
            && displayWidth <= Self.maximumPixelCount / self.height
            ? aspect : .square
    }

    static let maximumPixelCount = 1 << 28
    /// Longest side in pixels; bounds the resampling coefficients.
    static let maximumSide = 1 << 20

    /// The reason why the frame is invalid; nil if it is valid, given that its memory is readable.
    public var problem: String? {
        guard width > 0, height > 0, width <= Self.maximumPixelCount / height else {
            return "a frame has 1 to 2^28 pixels, not \(width)×\(height)"
        }
        guard max(width, height) <= Self.maximumSide else {
            return "a side of a frame has at most 2^20 pixels, not \(width)×\(height)"
        }
        guard planes.count >= planeCount else {
            return "it has \(planeCount) planes, not \(planes.count)"
        }
        for plane in 0..<planeCount {
            guard planes[plane].top != nil else { return "plane \(plane) is NULL" }
            let length = rowLength(ofPlane: plane)
            if rowCount(ofPlane: plane) == 1 { continue }
            let stride = planes[plane].stride
            guard stride.magnitude >= length, stride.magnitude <= Int32.max else {
                return "a row of plane \(plane) needs \(length) bytes; its stride is \(stride)"
            }
        }
        return nil
    }

    var planeCount: Int { Int(av_pix_fmt_count_planes(layout.pixelFormat)) }

    /// Bytes of samples in a row, at most 4 · 2^20.
    func rowLength(ofPlane plane: Int) -> Int {
        Int(av_image_get_linesize(layout.pixelFormat, Int32(width), Int32(plane)))
    }

    func rowCount(ofPlane plane: Int) -> Int {
        guard plane > 0, let description = av_pix_fmt_desc_get(layout.pixelFormat) else {
            return height
        }
        let shift = Int(description.pointee.log2_chroma_h)
        return (height + (1 << shift) - 1) >> shift
    }

    /// Copies its samples into a frame of the same layout and size.
    func copy(into frame: UnsafeMutablePointer<AVFrame>) {
        for plane in 0..<planeCount {
            let (length, rows) = (rowLength(ofPlane: plane), rowCount(ofPlane: plane))
            // `av_image_copy_plane` aborts if a stride is shorter than a row, even for one row.
            let stride = rows == 1 ? length : planes[plane].stride
            av_image_copy_plane(
                frame.pointee.extended_data[plane], Int32(frame.pointee.strides[plane]),
                planes[plane].top, Int32(stride), Int32(length), Int32(rows))
        }
    }
}
