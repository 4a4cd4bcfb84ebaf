extension JSONValue {
    /// Why a text was refused, and at which byte.
    public struct Refusal: Error, Equatable, CustomStringConvertible {
        public var offset: Int
        public var reason: String

        public init(offset: Int, reason: String) {
            self.offset = offset
            self.reason = reason
        }

        public var description: String { "\(reason) at byte \(offset)" }
    }

    /// Reads a whole text.
    public init(parsing bytes: UnsafeRawBufferPointer) throws(Refusal) {
        var reader = JSONReader(bytes: bytes)
        self = try reader.document()
    }

    /// Reads a whole text.
    public init(parsing text: some StringProtocol) throws(Refusal) {
        var text = String(text)
        self = try text.withUTF8 { utf8 in
            Result { () throws(Refusal) in try JSONValue(parsing: UnsafeRawBufferPointer(utf8)) }
        }.get()
    }
}

/// A text from a stranger, read strictly.
private struct JSONReader {
    static let depthLimit = 64

    let bytes: UnsafeRawBufferPointer
    var offset = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func document() throws(JSONValue.Refusal) -> JSONValue {
        let value = try value(depth: 0)
        skipBlanks()
        guard offset == bytes.count else { throw refusal("text after the end") }
        return value
    }

    func refusal(_ reason: String) -> JSONValue.Refusal { .init(offset: offset, reason: reason) }

    var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
            offset += 1
        }
    }

    mutating func expect(_ character: Unicode.Scalar) throws(JSONValue.Refusal) {
        skipBlanks()
        guard next == UInt8(ascii: character) else { throw refusal("'\(character)' expected") }
        offset += 1
    }

    /// Takes `character` if it comes next.
    mutating func takes(_ character: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard next == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    mutating func value(depth: Int) throws(JSONValue.Refusal) -> JSONValue {
        guard depth < Self.depthLimit else { throw refusal("nested too deeply") }
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try text())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    mutating func word(
        _ word: StaticString, _ value: JSONValue
    ) throws(JSONValue.Refusal) -> JSONValue {
        let end = offset + word.utf8CodeUnitCount
        guard end <= bytes.count,
            bytes[offset..<end].elementsEqual(
                UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
        else { throw refusal("'\(word)' expected") }
        offset = end
        return value
    }

    mutating func object(depth: Int) throws(JSONValue.Refusal) -> JSONValue {
        try expect("{")
        var members: [JSONValue.Member] = []
        // Of objects with many keys only: comparing few is cheaper than hashing them.
        var keys: Set<String> = []
        if takes("}") { return .object(members) }
        repeat {
            skipBlanks()
            let key = try text()
            try expect(":")
            let value = try value(depth: depth + 1)
            let isNew: Bool
            if members.count < 32 {
                isNew = !members.contains { $0.key == key }
            } else {
                if keys.isEmpty { keys = Set(members.map(\.key)) }
                isNew = keys.insert(key).inserted
            }
            guard isNew else { throw refusal("the key '\(key)' comes twice") }
            members.append(.init(key, value))
        } while takes(",")
        try expect("}")
        return .object(members)
    }

    mutating func array(depth: Int) throws(JSONValue.Refusal) -> JSONValue {
        try expect("[")
        var elements: [JSONValue] = []
        if takes("]") { return .array(elements) }
        repeat { elements.append(try value(depth: depth + 1)) } while takes(",")
        try expect("]")
        return .array(elements)
    }

    mutating func number() throws(JSONValue.Refusal) -> JSONValue {
        let start = offset
        if next == UInt8(ascii: "-") { offset += 1 }
        let digits = takeDigits()
        guard digits > 0 else { throw refusal("a value expected") }
        let first = bytes[offset - digits]
        guard digits == 1 || first != UInt8(ascii: "0") else { throw refusal("a leading zero") }
        var isInteger = true
        if next == UInt8(ascii: ".") {
            offset += 1
            isInteger = false
            guard takeDigits() > 0 else { throw refusal("a digit expected") }
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            offset += 1
            isInteger = false
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { offset += 1 }
            guard takeDigits() > 0 else { throw refusal("a digit expected") }
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if isInteger, let value = Int(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw refusal("a number too large") }
        return .number(value)
    }

    mutating func takeDigits() -> Int {
        let start = offset
        while let byte = next, (0x30...0x39).contains(byte) { offset += 1 }
        return offset - start
    }

    mutating func text() throws(JSONValue.Refusal) -> String {
        guard next == UInt8(ascii: "\"") else { throw refusal("a text expected") }
        offset += 1
        // Mostly there is nothing to be replaced.
        let start = offset
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20
        {
            offset += 1
        }
        let plain = bytes[start..<offset]
        if next == UInt8(ascii: "\"") {
            offset += 1
            guard let text = String(validating: plain, as: UTF8.self) else {
                throw refusal("a text that is not UTF-8")
            }
            return text
        }
        var units = Array(plain)
        while true {
            guard let byte = next else { throw refusal("a text without end") }
            offset += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: units, as: UTF8.self) else {
                    throw refusal("a text that is not UTF-8")
                }
                return text
            case UInt8(ascii: "\\"): units.append(contentsOf: try escape().utf8)
            case 0..<0x20: throw refusal("a control character in a text")
            default: units.append(byte)
            }
        }
    }

    mutating func escape() throws(JSONValue.Refusal) -> String {
        guard let byte = next else { throw refusal("a text without end") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            var units = [try hexadecimalUnit()]
            if UTF16.isLeadSurrogate(units[0]), next == UInt8(ascii: "\\") {
                offset += 1
                guard next == UInt8(ascii: "u") else { throw refusal("half a surrogate pair") }
                offset += 1
                units.append(try hexadecimalUnit())
            }
            guard let text = String(validating: units, as: UTF16.self) else {
                throw refusal("half a surrogate pair")
            }
            return text
        default: throw refusal("an unknown escape")
        }
    }

    mutating func hexadecimalUnit() throws(JSONValue.Refusal) -> UInt16 {
        guard offset + 4 <= bytes.count else {
            throw refusal("four hexadecimal digits expected")
        }
        let digits = bytes[offset..<offset + 4]
        guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw refusal("four hexadecimal digits expected") }
        offset += 4
        return unit
    }
}
