import CFFmpeg

/// The image header of a JPEG XL file.
///
/// FFmpeg 5.1 decodes the first frame of an animation and reports success.
///
/// Source: ISO/IEC 18181-1, annex D (image header), ISO/IEC 18181-2 (container).
enum JPEGXLStructure {
    static func isJPEGXL(_ head: ArraySlice<UInt8>) -> Bool {
        head.has([0xFF, 0x0A]) || head.has([0, 0, 0, 12]) && head.has("JXL ", at: 4)
    }

    /// - Returns: Nil: FFmpeg's demuxer reads it.
    /// - Throws: `MediaError.unsupportedAnimation` if FFmpeg has no demuxer for animations.
    static func image(_ file: ArraySlice<UInt8>, _ input: String) throws(MediaError) -> StillImage?
    {
        try refuseAnimation(file, input: input)
        return nil
    }

    /// - Parameter file: The file, or its first bytes.
    static func refuseAnimation(
        _ file: ArraySlice<UInt8>, input: String
    ) throws(MediaError) {
        // The demuxer of FFmpeg 7.
        guard av_find_input_format("jpegxl_anim") == nil, isAnimated(file) == true else { return }
        throw .unsupportedAnimation(input: input, format: "JPEG XL")
    }

    /// Whether the header announces an animation; nil if it is not whole.
    private static func isAnimated(_ file: ArraySlice<UInt8>) -> Bool? {
        if file.has([0xFF, 0x0A]) {
            var bits = Bits(file.dropFirst(2))
            return bits.isAnimated()
        }
        var codestream: [UInt8] = []
        for box in HEIFBoxes(file) {
            switch box.type {
            case "jxlc": codestream += box.content.prefix(64)
            // A part, after its number.
            case "jxlp": codestream += box.content.dropFirst(4).prefix(64)
            default: continue
            }
            if codestream.count >= 64 { break }
        }
        guard codestream[...].has([0xFF, 0x0A]) else { return nil }
        var bits = Bits(codestream.dropFirst(2))
        return bits.isAnimated()
    }

    /// Fields of bits, the lowest bit of a byte first; nil at the end.
    private struct Bits {
        private let bytes: ArraySlice<UInt8>
        private var position = 0

        init(_ bytes: ArraySlice<UInt8>) {
            self.bytes = bytes
        }

        mutating func next(_ count: Int) -> Int? {
            guard position + count <= 8 * bytes.count else { return nil }
            var value = 0
            for bit in 0..<count {
                let byte = bytes[bytes.startIndex + position / 8]
                value |= Int(byte >> (position % 8) & 1) << bit
                position += 1
            }
            return value
        }

        /// Skips a field whose first two bits select its number of bits.
        private mutating func skip(_ widths: [Int]) -> Bool {
            next(2).flatMap { next(widths[$0]) } != nil
        }

        /// Skips a size: the height, its ratio to the width, and the width if there is none.
        private mutating func skipSize(small: [Int]?, large: [Int]) -> Bool {
            guard let isSmall = next(1) else { return false }
            // Without selector: 5 bits.
            let side = { (bits: inout Bits) -> Bool in
                if isSmall == 0 { return bits.skip(large) }
                return small.map { bits.skip($0) } ?? (bits.next(5) != nil)
            }
            guard side(&self), let ratio = next(3) else { return false }
            return ratio != 0 || side(&self)
        }

        /// Whether the header from here on announces an animation.
        mutating func isAnimated() -> Bool? {
            let size = [9, 13, 18, 30]
            guard skipSize(small: nil, large: size), let isDefault = next(1) else { return nil }
            guard isDefault == 0, let hasMore = next(1) else { return isDefault == 1 ? false : nil }
            guard hasMore == 1 else { return false }
            // The orientation.
            guard next(3) != nil, let hasIntrinsicSize = next(1) else { return nil }
            if hasIntrinsicSize == 1 && !skipSize(small: nil, large: size) { return nil }
            guard let hasPreview = next(1) else { return nil }
            if hasPreview == 1 && !skipSize(small: [0, 0, 5, 9], large: [6, 8, 10, 12]) {
                return nil
            }
            return next(1).map { $0 == 1 }
        }
    }
}
