import CFFmpeg
import Frames

/// Encodes thumbnail frames into a file in memory.
final class ThumbnailEncoder {
    let format: ThumbnailFormat
    private let muxer: FrameMuxer
    private var converter: OpaquePointer?
    private let rgb = UniqueAVFrame()
    private let yuv = UniqueAVFrame()
    private let width: Int
    private let height: Int
    private var frameCount: Int64 = 0

    /// - Throws: `MediaError.thumbnail` if FFmpeg lacks the encoder or refuses the size.
    init(
        _ format: ThumbnailFormat, width: Int, height: Int, frameRate: Int
    ) throws(MediaError) {
        self.format = format
        self.width = width
        self.height = height
        muxer = try FrameMuxer(
            format.coding, to: .memory, width: Int32(width), height: Int32(height),
            frameRate: AVRational(num: Int32(frameRate), den: 1),
            failure: { .thumbnail(reason: $0) })
        converter = sws_getContext(
            Int32(width), Int32(height), AV_PIX_FMT_RGB24, Int32(width), Int32(height),
            format.coding.pixelFormat, SWS_BICUBIC, nil, nil, nil)
        guard converter != nil,
            rgb.reserve(
                width: Int32(width), height: Int32(height), format: AV_PIX_FMT_RGB24.rawValue)
        else { throw .thumbnail(reason: "there is not enough memory") }
    }

    deinit {
        sws_freeContext(converter)
    }

    /// Appends a frame.
    ///
    /// - Parameter pixels: 8-bit RGB, `[height, width, 3]`.
    func write(_ pixels: [UInt8]) throws(MediaError) {
        precondition(pixels.count == width * height * 3)
        // The encoder may still reference the buffer of the previous frame.
        guard
            yuv.reserve(
                width: Int32(width), height: Int32(height),
                format: format.coding.pixelFormat.rawValue),
            yuv.withFrame({ av_frame_make_writable($0) }) >= 0
        else { throw .thumbnail(reason: "there is not enough memory") }
        rgb.withFrame { copy(pixels, into: $0) }
        try rgb.withFrame { (source) throws(MediaError) in
            try yuv.withFrame { (target) throws(MediaError) in
                target.pointee.pts = frameCount
                let strides = source.pointee.strides.map { Int32(truncatingIfNeeded: $0) }
                let targetStrides = target.pointee.strides.map { Int32(truncatingIfNeeded: $0) }
                let rows = source.pointee.extended_data.withMemoryRebound(
                    to: UnsafePointer<UInt8>?.self, capacity: 4
                ) { data in
                    sws_scale(
                        converter, data, strides, 0, Int32(height), target.pointee.extended_data,
                        targetStrides)
                }
                guard rows == height else {
                    throw .thumbnail(reason: libavMessage(ganrm_error_invalid_data))
                }
                try muxer.write(target)
            }
        }
        frameCount += 1
    }

    /// Finishes the file.
    ///
    /// - Returns: The encoded file.
    func finish() throws(MediaError) -> [UInt8] { try muxer.finish() }

    private func copy(_ pixels: [UInt8], into frame: UnsafeMutablePointer<AVFrame>) {
        guard let target = frame.pointee.extended_data[0] else { return }
        let stride = Int(frame.pointee.linesize.0)
        pixels.withUnsafeBufferPointer { pixels in
            for row in 0..<height {
                (target + row * stride).update(
                    from: pixels.baseAddress! + row * width * 3, count: width * 3)
            }
        }
    }
}
