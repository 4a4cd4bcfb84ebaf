import CFFmpeg
import Frames

/// The marker segments of a JPEG file, up to the end of its first image.
///
/// Gain maps, further images of a multi-picture file and the videos of motion photos lie behind the
/// end of the first image and are not read.
///
/// Source: ITU-T T.81, annex B.
enum JPEGStructure {
    /// The first image. Application segments that do not change its pixels are left out: libav's
    /// decoder reports errors in them as damage.
    ///
    /// - Throws: `MediaError.unsupportedVariant` for arithmetic coding, and for RGB with components of
    ///   different sizes, which libav takes for YCbCr.
    static func image(_ file: ArraySlice<UInt8>, _ input: String) throws(MediaError) -> StillImage?
    {
        var kept: [UInt8] = [0xFF, 0xD8]
        kept.reserveCapacity(file.count)
        var image = StillImage(pixels: .packet([], AV_CODEC_ID_MJPEG), formatName: "jpeg_pipe")
        var codec = AV_CODEC_ID_MJPEG
        var hasIndex = false
        var hasExif = false
        var colors = ColorModel()
        var size: Int?
        var offset = 2
        var isComplete = false
        while let (marker, start) = nextMarker(in: file, from: offset) {
            offset = start + 2
            if marker == 0xD9 {
                isComplete = true
                break
            }
            if [0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF].contains(marker) {
                throw .unsupportedVariant(
                    input: input, format: "JPEG", variant: "arithmetic coding")
            }
            // Markers without a segment: restart intervals and TEM.
            if (0xD0...0xD8).contains(marker) || marker == 0x01 { continue }
            let isMetadata = (0xE0...0xEF).contains(marker) || marker == 0xFE
            guard let length = file.integer(2, at: offset), length >= 2,
                let segment = file.part(length, at: offset)
            else {
                // Like other decoders, this looks for the next marker behind an invalid length.
                if isMetadata { continue }
                break
            }
            let content = segment.dropFirst(2)
            offset += length
            if marker == 0xE1, !hasExif, content.has("Exif\0") {
                hasExif = true
                image.orientation = Orientation(exif: content)
            }
            if marker == 0xE0, content.has("JFIF\0") { colors.isJFIF = true }
            if marker == 0xEE, content.has("Adobe") {
                colors.adobeTransform = content.integer(1, at: 11)
            }
            if [0xC0, 0xC1, 0xC2].contains(marker), colors.isSubsampledRGB(frame: content) {
                throw .unsupportedVariant(
                    input: input, format: "JPEG", variant: "RGB components of different sizes")
            }
            if isFrameHeader(marker) { size = size ?? content.integer(4, at: 1) }
            if marker == 0xE2, content.has("MPF\0") { hasIndex = true }
            if marker == 0xF7 {
                codec = AV_CODEC_ID_JPEGLS
                image.formatName = "jpegls_pipe"
            }
            if !isMetadata || changesPixels(content, of: marker) {
                kept += [0xFF, UInt8(marker)] + segment
            }
            guard marker == 0xDA else { continue }
            let end = endOfScan(in: file, from: offset, isLossless: codec == AV_CODEC_ID_JPEGLS)
            kept += file[(file.startIndex + offset)..<(file.startIndex + end)]
            offset = end
        }
        if isComplete {
            kept += [0xFF, 0xD9]
            // A smaller image is a thumbnail or a gain map.
            image.mayBeFollowed =
                !hasIndex && file.has([0xFF, 0xD8, 0xFF], at: offset) && size != nil
                && frameSize(of: file.dropFirst(offset)) == size
        } else {
            image.truncation = "its end is missing"
        }
        image.pixels = .packet(kept, codec)
        return image
    }

    /// Whether a marker begins a frame header, which has the size of the image.
    private static func isFrameHeader(_ marker: Int) -> Bool {
        (0xC0...0xCF).contains(marker) && ![0xC4, 0xC8, 0xCC].contains(marker) || marker == 0xF7
    }

    /// Height and width of an image, 16 bits each; nil if its frame header is not there.
    private static func frameSize(of file: ArraySlice<UInt8>) -> Int? {
        var offset = 2
        while let (marker, start) = nextMarker(in: file, from: offset), marker != 0xDA {
            guard let length = file.integer(2, at: start + 2) else { return nil }
            if isFrameHeader(marker) { return file.integer(4, at: start + 5) }
            offset = start + 2 + length
        }
        return nil
    }

    /// Whether the decoder needs an application segment: APP0 may hold the field order, APP8 the color
    /// model of HP's lossless JPEG, APP14 that of Adobe.
    private static func changesPixels(_ content: ArraySlice<UInt8>, of marker: Int) -> Bool {
        switch marker {
        case 0xE0: content.has("AVI1") || content.has("JFIF\0")
        case 0xE8: content.has("mrfx")
        case 0xEE: content.has("Adobe")
        default: false
        }
    }

    /// What the application segments say about the colors. libjpeg's rule: JFIF is YCbCr, otherwise
    /// Adobe's segment decides, otherwise the names of the components.
    private struct ColorModel {
        var isJFIF = false
        var adobeTransform: Int?

        /// - Parameter frame: The content of a frame header.
        func isSubsampledRGB(frame: ArraySlice<UInt8>) -> Bool {
            guard !isJFIF, frame.integer(1, at: 5) == 3,
                let components = frame.part(9, at: 6).map(Array.init)
            else { return false }
            let isRGB =
                adobeTransform.map { $0 == 0 }
                ?? [components[0], components[3], components[6]].elementsEqual("RGB".utf8)
            return isRGB && Set([components[1], components[4], components[7]]).count > 1
        }
    }

    /// The next marker and the offset of its `0xFF`; nil at the end of the file.
    private static func nextMarker(
        in file: ArraySlice<UInt8>, from offset: Int
    ) -> (marker: Int, start: Int)? {
        var offset = offset
        while let marker = file.integer(2, at: offset) {
            if marker > 0xFF00 && marker < 0xFFFF { return (marker & 0xFF, offset) }
            offset += 1
        }
        return nil
    }

    /// The offset of the marker that ends the entropy-coded data at `offset`, restart markers not
    /// counted; the end of the file if there is none.
    private static func endOfScan(
        in file: ArraySlice<UInt8>, from offset: Int, isLossless: Bool
    ) -> Int {
        file.withUnsafeBufferPointer { bytes in
            var i = offset
            while i + 1 < bytes.count {
                let next = bytes[i + 1]
                // In JPEG-LS the byte after 0xFF has a zero as its first bit.
                let isData =
                    bytes[i] != 0xFF || next == 0 || next == 0xFF || (0xD0...0xD7).contains(next)
                    || isLossless && next < 0x80
                if !isData { return i }
                i += 1
            }
            return bytes.count
        }
    }
}
