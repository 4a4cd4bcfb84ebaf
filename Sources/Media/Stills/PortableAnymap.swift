/// The header of a file of the PNM family: PBM, PGM, PPM, PAM, PFM, PHM.
///
/// FFmpeg's probing knows headers of several lines only, as programs write them; the format allows any
/// white space between the numbers.
///
/// Sources: netpbm.sourceforge.net/doc, `ppm.html`, `pam.html`; PHM: FFmpeg, `libavcodec/pnm.c`.
enum PortableAnymap {
    /// Whether the bytes begin with the magic number of one of these kinds, and white space or a comment.
    static func matches(_ head: ArraySlice<UInt8>, _ kinds: String) -> Bool {
        guard head.has("P"), let kind = head.integer(1, at: 1), let next = head.integer(1, at: 2)
        else { return false }
        return kinds.utf8.contains(UInt8(kind)) && " \t\r\n#".utf8.contains(UInt8(next))
    }

    /// Whether another image may follow the first one. A file of text holds one image only.
    static func mayBeFollowed(_ file: ArraySlice<UInt8>) -> Bool {
        guard let kind = file.integer(1, at: 1), !"123".utf8.contains(UInt8(kind)) else {
            return false
        }
        guard let length = length(of: file) else { return true }
        return file.has("P", at: length)
    }

    /// Length of the header and the pixels in bytes; nil if the header is not valid or incomplete.
    private static func length(of file: ArraySlice<UInt8>) -> Int? {
        guard let kind = file.integer(1, at: 1) else { return nil }
        var words = Words(file.dropFirst(2))
        var depth = 1
        var bytes = 1
        var size: (width: Int, height: Int)?
        switch Character(UnicodeScalar(UInt8(kind))) {
        case "4": size = words.size()
        case "5", "6":
            size = words.size()
            guard let maximum = words.number() else { return nil }
            depth = kind == 0x36 ? 3 : 1
            bytes = maximum > 255 ? 2 : 1
        case "7":
            var values: [String: Int] = [:]
            while let name = words.next(), name != "ENDHDR" {
                // The type of the tuples is a word.
                values[name] = words.next().flatMap { Int($0) }
            }
            guard let width = values["WIDTH"], let height = values["HEIGHT"],
                let channels = values["DEPTH"], let maximum = values["MAXVAL"],
                (1...4).contains(channels)
            else { return nil }
            size = (width, height)
            depth = channels
            bytes = maximum > 255 ? 2 : 1
        case let letter where "fFhH".contains(letter):
            size = words.size()
            guard words.next() != nil else { return nil }
            depth = letter.isUppercase ? 3 : 1
            bytes = letter.lowercased() == "f" ? 4 : 2
        default: return nil
        }
        // One byte of white space is between the header and the pixels.
        guard let size, let header = words.end, (1..<1 << 24).contains(size.width),
            (1..<1 << 24).contains(size.height)
        else { return nil }
        let row = kind == 0x34 ? (size.width + 7) / 8 : size.width * depth * bytes
        return 2 + header + 1 + row * size.height
    }

    /// The words of a header, between white space and comments.
    private struct Words {
        private let bytes: ArraySlice<UInt8>
        private var position: Int

        init(_ bytes: ArraySlice<UInt8>) {
            self.bytes = bytes
            position = bytes.startIndex
        }

        /// Offset behind the last word; nil if the bytes end there.
        var end: Int? { position < bytes.endIndex ? position - bytes.startIndex : nil }

        mutating func next() -> String? {
            func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
            while position < bytes.endIndex {
                if bytes[position] == UInt8(ascii: "#") {
                    position = bytes[position...].firstIndex(of: 0x0A) ?? bytes.endIndex
                } else if isSpace(bytes[position]) {
                    position += 1
                } else {
                    break
                }
            }
            let word = bytes[position...].prefix(32).prefix { !isSpace($0) }
            position += word.count
            return word.isEmpty ? nil : String(decoding: word, as: UTF8.self)
        }

        mutating func number() -> Int? { next().flatMap { Int($0) } }

        mutating func size() -> (width: Int, height: Int)? {
            guard let width = number(), let height = number() else { return nil }
            return (width, height)
        }
    }
}
