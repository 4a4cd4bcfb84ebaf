import CFFmpeg

/// The boxes of a JPEG 2000 file.
///
/// Source: ITU-T T.800, annex I.
enum JPEG2000Structure {
    /// The image with the boxes that the decoder needs: FFmpeg 5.1 looks for the codestream in the first
    /// ten only, and not in one whose length is left open.
    ///
    /// - Throws: `MediaError.unsupportedVariant` for color models that libav takes for RGB;
    ///   `MediaError.damaged` for a file without a codestream.
    static func image(_ file: ArraySlice<UInt8>, _ input: String) throws(MediaError) -> StillImage?
    {
        var image = StillImage(
            pixels: .packet(Array(file), AV_CODEC_ID_JPEG2000), formatName: "j2k_pipe")
        guard !file.has([0xFF, 0x4F]) else {
            image.mayBeFollowed = file.contains([0xFF, 0xD9, 0xFF, 0x4F, 0xFF, 0x51])
            return image
        }
        var kept: [UInt8] = []
        func keep(_ box: HEIFBoxes.Box) {
            let size = UInt32(truncatingIfNeeded: box.content.count + 8)
            kept += (0..<4).map { UInt8(truncatingIfNeeded: size >> (24 - 8 * $0)) }
            kept += Array(box.type.utf8) + box.content
        }
        var boxes = HEIFBoxes(file)
        while let box = boxes.next() {
            guard ["jP  ", "ftyp", "jp2h", "jp2c"].contains(box.type) else { continue }
            if box.type == "jp2h", let model = colorModel(of: box) {
                throw .unsupportedVariant(input: input, format: "JPEG 2000", variant: model)
            }
            keep(box)
            if box.type == "jp2c" {
                image.mayBeFollowed = file.contains(
                    [0xFF, 0xD9, 0, 0, 0, 12] + Array("jP  ".utf8))
                if boxes.isCutOff { image.truncation = "its end is missing" }
                image.pixels = .packet(kept, AV_CODEC_ID_JPEG2000)
                return image
            }
        }
        throw .damaged(
            input: input, framesRead: 0,
            reason: boxes.isCutOff ? "its end is missing" : "it has no codestream")
    }

    /// The name of a color model that is not read; nil for others.
    private static func colorModel(of header: HEIFBoxes.Box) -> String? {
        for box in HEIFBoxes(header.content) where box.type == "colr" {
            switch box.content.integer(1, at: 0) {
            case 1 where box.content.integer(4, at: 3) == 12: return "CMYK"
            case 1 where box.content.integer(4, at: 3) == 14: return "Lab"
            // The color model of an ICC profile.
            case 2 where box.content.has("CMYK", at: 3 + 16): return "CMYK"
            case 2 where box.content.has("Lab ", at: 3 + 16): return "Lab"
            default: continue
            }
        }
        return nil
    }
}
