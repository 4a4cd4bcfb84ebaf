import CFFmpeg
import Frames

/// The chunks of a PNG file.
///
/// Source: W3C, Portable Network Graphics (third edition).
enum PNGStructure {
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// The image with its critical chunks and transparency only: an invalid color profile would make
    /// libav's decoder fail.
    ///
    /// - Returns: Nil for an animation.
    static func image(_ file: ArraySlice<UInt8>, _ input: String) -> StillImage? {
        var kept = signature
        kept.reserveCapacity(file.count)
        var image = StillImage(pixels: .packet([], AV_CODEC_ID_PNG), formatName: "png_pipe")
        var offset = signature.count
        var isComplete = false
        while let length = file.integer(4, at: offset), let name = file.part(4, at: offset + 4) {
            if name.has("acTL") { return nil }
            let isNeeded = ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"].contains { name.has($0) }
            guard let content = file.part(length, at: offset + 8),
                let checksum = file.integer(4, at: offset + 8 + length)
            else {
                // The decoder gets the part that is there.
                if isNeeded { kept += file.dropFirst(offset) }
                break
            }
            if isNeeded {
                kept += file[name.startIndex - 4..<content.endIndex + 4]
                if crc(file[name.startIndex..<content.endIndex]) != checksum {
                    let text = String(decoding: name, as: UTF8.self)
                    image.truncation =
                        image.truncation ?? "the checksum of its chunk \(text) is wrong"
                }
            }
            if name.has("eXIf") { image.orientation = Orientation(exif: content) }
            offset += 12 + length
            if name.has("IEND") {
                isComplete = true
                break
            }
        }
        image.mayBeFollowed = isComplete && file.has(signature, at: offset)
        if !isComplete { image.truncation = image.truncation ?? "its end is missing" }
        image.pixels = .packet(kept, AV_CODEC_ID_PNG)
        return image
    }

    private static func crc(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.withUnsafeBufferPointer { buffer in
            Int(~av_crc(av_crc_get_table(AV_CRC_32_IEEE_LE), ~0, buffer.baseAddress, buffer.count))
        }
    }
}
