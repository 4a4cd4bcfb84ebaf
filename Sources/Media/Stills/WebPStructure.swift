import CFFmpeg
import Frames

/// The chunks of a WebP file.
///
/// Source: RFC 9649.
enum WebPStructure {
    /// The image without metadata, or the frames of an animation.
    ///
    /// - Returns: Nil if the file ends before its first chunk.
    /// - Throws: `MediaError.damaged` for an animation without a frame.
    static func image(_ file: ArraySlice<UInt8>, _ input: String) throws(MediaError) -> StillImage?
    {
        var image = StillImage(pixels: .packet([], AV_CODEC_ID_WEBP), formatName: "webp_pipe")
        guard let declared = file.integer(4, at: 4, littleEndian: true) else { return nil }
        let end = min(declared + 8, file.count)
        if declared + 8 > file.count {
            image.truncation = "\(file.count) of \(declared + 8) bytes are there"
        }
        var kept: [UInt8] = Array("WEBP".utf8)
        kept.reserveCapacity(file.count)
        var animation: WebPAnimation?
        var isAnimated = false
        var offset = 12
        while offset + 8 <= end, let name = file.part(4, at: offset),
            let length = file.integer(4, at: offset + 4, littleEndian: true)
        {
            let available = min(length, end - offset - 8)
            guard let content = file.part(available, at: offset + 8) else { break }
            if name.has("VP8X") { animation = animation ?? WebPAnimation(header: content) }
            if name.has("ANIM") || name.has("ANMF") { isAnimated = true }
            if name.has("ANMF"), available == length, let frame = WebPAnimation.Frame(content) {
                animation?.frames.append(frame)
            }
            if name.has("EXIF") {
                image.orientation = Orientation(exif: content)
            } else if ["VP8X", "VP8 ", "VP8L", "ALPH"].contains(where: { name.has($0) }) {
                kept += file[name.startIndex..<content.endIndex]
                if !content.count.isMultiple(of: 2) { kept.append(0) }
            }
            offset += 8 + length + length % 2
        }
        if isAnimated {
            guard let animation, !animation.frames.isEmpty else {
                throw .damaged(
                    input: input, framesRead: 0,
                    reason: image.truncation ?? "it ends before its first frame")
            }
            image.formatName = "webp_anim"
            image.pixels = .animation(animation)
            return image
        }
        image.mayBeFollowed = file.has("RIFF", at: end + end % 2)
        let size = UInt32(truncatingIfNeeded: kept.count)
        let header =
            Array("RIFF".utf8) + (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }
        image.pixels = .packet(header + kept, AV_CODEC_ID_WEBP)
        return image
    }
}
