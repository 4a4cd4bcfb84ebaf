/// The header of NumPy's array format (`.npy`): magic, version, and a Python literal of a dictionary
/// with exactly the keys `descr`, `fortran_order` and `shape`.
///
/// Source: NumPy 2.4, `numpy/lib/_format_impl.py`, versions 1.0 to 3.0.
struct NumPyHeader: Equatable {
    /// Maximum length of the dictionary, in bytes; `max_header_size` of NumPy.
    static let limit = 10_000

    /// The array's data type, as `<f8`.
    var descriptor: String
    var isFortranOrder: Bool
    /// Empty for a scalar.
    var shape: [Int]

    /// Reads the header at the start of `bytes`; returns it with the offset of the array's data, or
    /// nil if there is none.
    static func parse(_ bytes: [UInt8]) -> (header: NumPyHeader, dataOffset: Int)? {
        guard bytes.count >= 12, bytes[..<6].elementsEqual([0x93] + Array("NUMPY".utf8)) else {
            return nil
        }
        let start: Int
        var count = Int(bytes[8]) | Int(bytes[9]) << 8
        switch bytes[6] {
        case 1: start = 10
        case 2, 3:
            start = 12
            count |= Int(bytes[10]) << 16 | Int(bytes[11]) << 24
        default: return nil
        }
        guard count <= limit, count <= bytes.count - start else { return nil }
        var literal = PythonLiteral(bytes[start..<start + count])
        guard let header = literal.dictionary() else { return nil }
        return (header, start + count)
    }

    /// The header with magic and version 1.0, padded to a multiple of 64 bytes like NumPy's.
    var bytes: [UInt8] {
        let extents = shape.map { "\($0), " }.joined()
        // A tuple of one element keeps its comma: (3,).
        let tuple = shape.count == 1 ? "(\(shape[0]),)" : "(\(extents.dropLast(2)))"
        var text =
            "{'descr': '\(descriptor)', 'fortran_order': \(isFortranOrder ? "True" : "False"), "
        text += "'shape': \(tuple), }"
        let padding = -(10 + text.utf8.count + 1) & 63
        text += String(repeating: " ", count: padding) + "\n"
        let count = UInt16(text.utf8.count)
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 0xff), UInt8(count >> 8)]
            + Array(text.utf8)
    }
}

/// Reads the Python literals of which such a dictionary consists.
private struct PythonLiteral {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// The whole text as a dictionary; nil for missing, unknown and repeated keys.
    mutating func dictionary() -> NumPyHeader? {
        var descriptor: String?
        var isFortranOrder: Bool?
        var shape: [Int]?
        guard skip("{") else { return nil }
        while !skip("}") {
            guard let key = string(), skip(":") else { return nil }
            switch key {
            case "descr" where descriptor == nil:
                descriptor = string()
                guard descriptor != nil else { return nil }
            case "fortran_order" where isFortranOrder == nil:
                if skip("True") {
                    isFortranOrder = true
                } else if skip("False") {
                    isFortranOrder = false
                } else {
                    return nil
                }
            case "shape" where shape == nil:
                shape = tuple()
                guard shape != nil else { return nil }
            default: return nil
            }
            if !skip(",") {
                guard skip("}") else { return nil }
                break
            }
        }
        skipSpace()
        guard rest.isEmpty, let descriptor, let isFortranOrder, let shape else { return nil }
        return NumPyHeader(descriptor: descriptor, isFortranOrder: isFortranOrder, shape: shape)
    }

    private mutating func skipSpace() {
        rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
    }

    /// Skips `word`, after blanks; returns false if something else follows.
    private mutating func skip(_ word: String) -> Bool {
        skipSpace()
        guard rest.starts(with: word.utf8) else { return false }
        rest = rest.dropFirst(word.utf8.count)
        return true
    }

    /// A string without escapes.
    private mutating func string() -> String? {
        skipSpace()
        guard let quote = rest.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"")
        else {
            return nil
        }
        let content = rest.dropFirst().prefix { $0 != quote }
        guard content.allSatisfy({ (0x20..<0x7f).contains($0) && $0 != UInt8(ascii: "\\") }),
            content.endIndex < rest.endIndex
        else { return nil }
        rest = rest[(content.endIndex + 1)...]
        return String(decoding: content, as: UTF8.self)
    }

    /// A tuple of integers that are not negative.
    private mutating func tuple() -> [Int]? {
        var integers: [Int] = []
        var endsWithComma = false
        guard skip("(") else { return nil }
        while !skip(")") {
            guard integers.isEmpty || endsWithComma else { return nil }
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard let integer = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
            integers.append(integer)
            rest = rest.dropFirst(digits.count)
            endsWithComma = skip(",")
        }
        // (3) is an integer.
        return integers.count == 1 && !endsWithComma ? nil : integers
    }
}
