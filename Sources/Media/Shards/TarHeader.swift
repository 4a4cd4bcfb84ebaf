import Files

/// A header of a tar archive: one block in ustar's layout, which the formats of pax, GNU and V7 share.
///
/// Source: POSIX.1-2017, `pax`, "ustar Interchange Format"; GNU tar 1.34, `src/tar.h`.
struct TarHeader {
    /// Bytes of a block.
    static let blockSize = 512

    /// What follows the header, or what it stands for.
    enum Kind {
        case file
        /// A link, a device, a pipe: its name as words of a sentence. No bytes follow.
        case empty(String)
        case folder
        /// A file with holes, in GNU's old format.
        case sparse(hasMoreHeaders: Bool)
        /// Values for the next member, or for all that follow.
        case values(isGlobal: Bool)
        /// The name of the next member, in GNU's format.
        case longName
        /// The target of a link, a volume's name, and what programs keep for themselves.
        case other
    }

    let kind: Kind
    /// The name in the header, in bytes of no particular encoding.
    let name: [UInt8]
    /// Bytes that follow, without what fills the last block.
    let byteCount: Int

    /// Why a block is no header, as a clause.
    struct Damage: Error {
        let reason: String
    }

    /// - Parameter block: 512 bytes, not all of them 0.
    init(_ block: [UInt8]) throws(Damage) {
        guard Self.hasChecksum(block) else {
            throw Damage(reason: "the checksum of a header is wrong")
        }
        let size = Self.number(block[124..<136])
        let name = Self.text(block[0..<100])
        let type = block[156]
        let isUstar = block[257..<262].elementsEqual("ustar".utf8)
        // GNU's format has other fields where ustar has the prefix.
        let prefix =
            isUstar && block[262] == 0 ? Self.text(block[345..<500]) : []
        self.name = prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name
        kind = Self.kind(type, name: name, hasMoreHeaders: block[482] != 0)
        switch kind {
        case .empty, .folder:
            byteCount = 0
            return
        default: break
        }
        guard let size, size >= 0 else { throw Damage(reason: "the size of a member is no size") }
        byteCount = size
    }

    private static func kind(_ type: UInt8, name: [UInt8], hasMoreHeaders: Bool) -> Kind {
        switch type {
        // In V7's format a folder is a file whose name ends in a slash.
        case 0 where name.last == UInt8(ascii: "/"): .folder
        case 0, UInt8(ascii: "0"), UInt8(ascii: "7"): .file
        case UInt8(ascii: "1"): .empty("a hard link")
        case UInt8(ascii: "2"): .empty("a symbolic link")
        case UInt8(ascii: "3"), UInt8(ascii: "4"): .empty("a device")
        case UInt8(ascii: "5"): .folder
        case UInt8(ascii: "6"): .empty("a named pipe")
        case UInt8(ascii: "S"): .sparse(hasMoreHeaders: hasMoreHeaders)
        case UInt8(ascii: "x"), UInt8(ascii: "X"): .values(isGlobal: false)
        case UInt8(ascii: "g"): .values(isGlobal: true)
        case UInt8(ascii: "L"): .longName
        default: .other
        }
    }

    /// Whether the sum of the bytes is that in the header, the field of the sum taken as spaces.
    ///
    /// Some old programs added signed bytes.
    private static func hasChecksum(_ block: [UInt8]) -> Bool {
        guard let declared = number(block[148..<156]) else { return false }
        var (sum, signedSum) = (8 * 0x20, 8 * 0x20)
        for (index, byte) in block.enumerated() where !(148..<156).contains(index) {
            sum += Int(byte)
            signedSum += Int(Int8(bitPattern: byte))
        }
        return declared == sum || declared == signedSum
    }

    /// A number in octal digits, or in GNU's binary form, whose first byte is 0x80, or 0xFF for a
    /// negative one; nil if it is neither or too large.
    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        if let first = field.first, first & 0x80 != 0 {
            // Bits of the number are in the first byte, too.
            var value = first & 0x40 == 0 ? Int(first & 0x3F) : Int(first) - 256
            for byte in field.dropFirst() {
                guard let shifted = Checked.product(value, 256) else { return nil }
                guard let sum = Checked.sum(shifted, Int(byte)) else { return nil }
                value = sum
            }
            return value
        }
        let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0x20 && $0 != 0 }
        guard digits.allSatisfy({ (0x30...0x37).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 8 + Int($1 - 0x30) }
    }

    /// The bytes before the first zero.
    private static func text(_ field: ArraySlice<UInt8>) -> [UInt8] {
        Array(field.prefix { $0 != 0 })
    }
}
