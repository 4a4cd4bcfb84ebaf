import CFFmpeg

/// Turns pictures in memory into frames, to the bit as `MediaReader` turns decoded ones.
public final class RawPictureReader {
    private let converter = ColorConverter()
    /// libswscale reads whole SIMD words, beyond the end of a row: what it reads is a copy with room.
    private let copy = Picture()

    public init() {}

    /// - Parameter picture: Its `problem` is nil, and its memory can be read.
    /// - Throws: `MediaError.outOfMemory`.
    public func frame(
        _ picture: RawPicture, ptsSeconds: Double? = nil, durationSeconds: Double? = nil
    ) throws(MediaError) -> Frame {
        let (width, height) = (picture.width, picture.height)
        let pixels = picture.layout == .rgb24 ? packed(picture) : try converted(picture)
        return Frame(
            width: width, height: height, pixels: pixels, ptsSeconds: ptsSeconds,
            durationSeconds: durationSeconds)
    }

    private func packed(_ picture: RawPicture) -> [UInt8] {
        let length = 3 * picture.width
        let (top, stride) = picture.planes[0]
        let count = length * picture.height
        return [UInt8](unsafeUninitializedCapacity: count) { pixels, filled in
            guard let target = pixels.baseAddress, let top else { return }
            for row in 0..<picture.height {
                (target + row * length).initialize(from: top + row * stride, count: length)
            }
            filled = count
        }
    }

    private func converted(_ picture: RawPicture) throws(MediaError) -> [UInt8] {
        let format = picture.layout.pixelFormat.rawValue
        guard
            copy.reserve(
                width: Int32(picture.width), height: Int32(picture.height), format: format)
        else { throw .outOfMemory(input: Self.name) }
        return try copy.withFrame { (frame) throws(MediaError) in
            picture.copy(into: frame)
            frame.pointee.colorspace = AVColorSpace(rawValue: UInt32(picture.matrix))
            frame.pointee.color_range = picture.range.value
            return try converter.convert(frame, orientation: .upright, input: Self.name).pixels
        }
    }

    /// What errors call it.
    private static let name = "frame"
}

extension RawPicture.Range {
    var value: AVColorRange {
        switch self {
        case .unknown: AVCOL_RANGE_UNSPECIFIED
        case .limited: AVCOL_RANGE_MPEG
        case .full: AVCOL_RANGE_JPEG
        }
    }
}
