/// Decodes base64 (RFC 4648, section 4) piece by piece. White space between characters is allowed, and padding may be
/// missing.
package struct Base64Decoder {
    /// Bits that have no byte yet.
    private var bits: UInt32 = 0
    /// Characters in `bits`, 0 to 3.
    private var count = 0
    private var paddingCount = 0
    private var isValid = true

    package init() {}

    /// Appends the bytes of further characters.
    ///
    /// - Returns: False once there was a character that is not of the alphabet, or one behind the padding; nothing is
    ///   decoded any more then.
    @discardableResult
    package mutating func decode(
        _ characters: UnsafeRawBufferPointer, into bytes: inout [UInt8]
    ) -> Bool {
        bytes.reserveCapacity(bytes.count + characters.count / 4 * 3 + 3)
        for character in characters where isValid {
            let value = Self.values[Int(character)]
            if value < 64 {
                bits = bits << 6 | UInt32(value)
                count += 1
                isValid = paddingCount == 0
                guard count == 4 else { continue }
                bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
                bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
                bytes.append(UInt8(truncatingIfNeeded: bits))
                count = 0
            } else if character == UInt8(ascii: "=") {
                paddingCount += 1
            } else if value != Self.whiteSpace {
                isValid = false
            }
        }
        return isValid
    }

    /// Appends the bytes of the last, incomplete group.
    ///
    /// - Returns: Whether the text was base64.
    package mutating func finish(into bytes: inout [UInt8]) -> Bool {
        guard isValid, paddingCount == 0 || paddingCount == (4 - count) % 4 else { return false }
        switch count {
        case 0: return true
        case 2: bytes.append(UInt8(truncatingIfNeeded: bits >> 4))
        case 3:
            bytes.append(UInt8(truncatingIfNeeded: bits >> 10))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 2))
        default: return false
        }
        return true
    }

    private static let whiteSpace: UInt8 = 64

    /// Values of characters; 255 of those that are not allowed.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        let alphabet =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, character) in alphabet.utf8.enumerated() {
            values[Int(character)] = UInt8(value)
        }
        for character in " \t\r\n".utf8 { values[Int(character)] = whiteSpace }
        return values
    }()
}
