import CFFmpeg
import Frames

/// The frames of an animated WebP file.
///
/// Source: RFC 9649, section 2.7.1.1.
struct WebPAnimation {
    /// A frame: a rectangle of the canvas, and how it is composed with what the canvas shows.
    struct Frame {
        let x: Int
        let y: Int
        let width: Int
        let height: Int
        let milliseconds: Int
        /// Whether transparent pixels show what is below them.
        let blends: Bool
        /// Whether the rectangle is cleared afterwards.
        let isDisposed: Bool
        /// The chunks of its image.
        let content: ArraySlice<UInt8>
        /// Whether no pixel of the image is transparent.
        let isOpaque: Bool

        /// - Parameter chunk: The content of an `ANMF` chunk.
        /// - Returns: Nil if the chunk is not complete.
        init?(_ chunk: ArraySlice<UInt8>) {
            func field(_ count: Int, at offset: Int) -> Int? {
                chunk.integer(count, at: offset, littleEndian: true)
            }
            guard let x = field(3, at: 0), let y = field(3, at: 3), let width = field(3, at: 6),
                let height = field(3, at: 9), let milliseconds = field(3, at: 12),
                let flags = field(1, at: 15)
            else { return nil }
            (self.x, self.y, self.width, self.height) = (2 * x, 2 * y, width + 1, height + 1)
            // A frame without a duration lasts as long as in browsers.
            self.milliseconds = milliseconds == 0 ? 100 : milliseconds
            blends = flags & 2 == 0
            isDisposed = flags & 1 != 0
            content = chunk.dropFirst(16)
            // The header of VP8L: a signature, 14 bits for each side, and whether alpha is used.
            let lossless = content.has("VP8L") ? content.integer(4, at: 9, littleEndian: true) : nil
            isOpaque = lossless.map { $0 >> 28 & 1 == 0 } ?? !content.has("ALPH")
        }

        /// The image as a file of its own.
        var file: [UInt8] {
            var chunks: [UInt8] = Array("WEBP".utf8)
            func append(_ value: Int, _ count: Int) {
                chunks += (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
            }
            if content.has("ALPH") {
                chunks += Array("VP8X".utf8)
                append(10, 4)
                // Alpha is used.
                append(0x10, 4)
                append(width - 1, 3)
                append(height - 1, 3)
            }
            chunks += content
            let size = chunks.count
            return Array("RIFF".utf8) + (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }
                + chunks
        }
    }

    /// The size of the canvas.
    let width: Int
    let height: Int
    var frames: [Frame] = []

    /// - Parameter header: The content of the `VP8X` chunk.
    init?(header: ArraySlice<UInt8>) {
        guard let width = header.integer(3, at: 4, littleEndian: true),
            let height = header.integer(3, at: 7, littleEndian: true)
        else { return nil }
        (self.width, self.height) = (width + 1, height + 1)
    }

    /// Whether some frame shows pixels of frames before it, or less than the canvas.
    var isComposed: Bool {
        frames.enumerated().contains { index, frame in
            frame.x != 0 || frame.y != 0 || frame.width != width || frame.height != height
                || index > 0 && frame.blends && !frame.isOpaque
        }
    }

    /// The start of each frame in seconds.
    var times: [Double] {
        var milliseconds = 0
        return frames.map { frame in
            defer { milliseconds += frame.milliseconds }
            return Double(milliseconds) / 1000
        }
    }

    var milliseconds: Int { frames.reduce(0) { $0 + $1.milliseconds } }
}
