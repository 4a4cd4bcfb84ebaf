import CFFmpeg
import Files

/// Converts raw video frames in memory to RGB, bit-identical to `MediaReader`.
public final class RawFrameConverter {
    private let converter = ColorConverter()
    /// libswscale reads whole SIMD words, beyond the end of a row, so it reads from a padded copy.
    private let copy = UniqueAVFrame()

    public init() {}

    /// Converts one frame and makes its pixels square.
    ///
    /// - Parameter raw: A frame whose `problem` is nil and whose memory is readable.
    /// - Throws: `FrameError.outOfMemory`.
    public func frame(
        _ raw: RawFrame, ptsSeconds: Double? = nil, durationSeconds: Double? = nil
    ) throws(FrameError) -> Frame {
        let (width, height) = (raw.width, raw.height)
        guard Memory.isAvailable(3 * width * height) else { throw .outOfMemory(input: Self.name) }
        let rgb =
            raw.layout == .rgb24 && raw.aspect.isSquare
            ? (width, height, packed(raw)) : try converted(raw)
        return Frame(
            width: rgb.0, height: rgb.1, pixels: rgb.2, ptsSeconds: ptsSeconds,
            durationSeconds: durationSeconds)
    }

    private func packed(_ raw: RawFrame) -> [UInt8] {
        let length = 3 * raw.width
        let (top, stride) = raw.planes[0]
        let count = length * raw.height
        return [UInt8](unsafeUninitializedCapacity: count) { pixels, filled in
            guard let target = pixels.baseAddress, let top else { return }
            // The stride of a single row may be anything.
            for row in 0..<raw.height {
                let source = row == 0 ? top : top + row * stride
                (target + row * length).initialize(from: source, count: length)
            }
            filled = count
        }
    }

    private func converted(
        _ raw: RawFrame
    ) throws(FrameError) -> (width: Int, height: Int, pixels: [UInt8]) {
        let format = raw.layout.pixelFormat.rawValue
        guard
            copy.reserve(
                width: Int32(raw.width), height: Int32(raw.height), format: format)
        else { throw .outOfMemory(input: Self.name) }
        return try copy.withFrame { (frame) throws(FrameError) in
            raw.copy(into: frame)
            frame.pointee.colorspace = AVColorSpace(rawValue: UInt32(raw.matrix))
            frame.pointee.color_range = raw.range.value
            return try converter.convert(
                frame, orientation: .upright, aspect: raw.aspect, input: Self.name)
        }
    }

    /// The name of the input in errors.
    private static let name = "frame"
}

extension RawFrame.Range {
    var value: AVColorRange {
        switch self {
        case .unknown: AVCOL_RANGE_UNSPECIFIED
        case .limited: AVCOL_RANGE_MPEG
        case .full: AVCOL_RANGE_JPEG
        }
    }
}
