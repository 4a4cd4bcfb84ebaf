/// Integers in the bytes of a file; nil beyond the end of the bytes.
extension ArraySlice<UInt8> {
    /// An unsigned integer of `count` bytes, at most 8.
    ///
    /// - Parameter offset: Offset from the start of the slice.
    /// - Returns: Nil also if the value exceeds `Int.max`.
    func integer(_ count: Int, at offset: Int, littleEndian: Bool = false) -> Int? {
        guard (1...8).contains(count), offset >= 0, count <= self.count,
            offset <= self.count - count
        else { return nil }
        var value: UInt64 = 0
        for i in 0..<count {
            let index = startIndex + offset + (littleEndian ? count - 1 - i : i)
            value = value << 8 | UInt64(self[index])
        }
        return Int(exactly: value)
    }

    /// `count` bytes from an offset; nil if there are not so many.
    func part(_ count: Int, at offset: Int) -> ArraySlice<UInt8>? {
        guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else {
            return nil
        }
        return self[(startIndex + offset)..<(startIndex + offset + count)]
    }

    /// Whether `pattern` occurs anywhere.
    func contains(_ pattern: [UInt8]) -> Bool {
        var start = startIndex
        while let found = self[start...].firstIndex(of: pattern[0]) {
            if self[found...].starts(with: pattern) { return true }
            start = found + 1
        }
        return false
    }

    /// Whether the bytes at an offset are those of `text`.
    func has(_ text: String, at offset: Int = 0) -> Bool {
        part(text.utf8.count, at: offset)?.elementsEqual(text.utf8) ?? false
    }

    /// Whether the bytes at an offset are `signature`.
    func has(_ signature: [UInt8], at offset: Int = 0) -> Bool {
        part(signature.count, at: offset)?.elementsEqual(signature) ?? false
    }
}
