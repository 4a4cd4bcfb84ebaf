extension JSONValue {
    /// A parse error and its byte offset.
    public struct ParseError: Error, Equatable, CustomStringConvertible {
        public var offset: Int
        public var reason: String

        public init(offset: Int, reason: String) {
            self.offset = offset
            self.reason = reason
        }

        public var description: String { "\(reason) at byte \(offset)" }
    }

    /// Parses a complete JSON text in UTF-8.
    public init(parsing bytes: UnsafeRawBufferPointer) throws(ParseError) {
        var reader = JSONReader(bytes: bytes)
        self = try reader.document()
    }

    /// Parses a complete JSON text.
    public init(parsing text: some StringProtocol) throws(ParseError) {
        var text = String(text)
        self = try text.withUTF8 { utf8 in
            Result { () throws(ParseError) in try JSONValue(parsing: UnsafeRawBufferPointer(utf8)) }
        }.get()
    }
}

/// A strict recursive-descent parser for untrusted input.
private struct JSONReader {
    /// Maximum nesting depth.
    static let depthLimit = 64

    let bytes: UnsafeRawBufferPointer
    var offset = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func document() throws(JSONValue.ParseError) -> JSONValue {
        let value = try value(depth: 0)
        skipWhitespace()
        guard offset == bytes.count else { throw error("text after the end") }
        return value
    }

    func error(_ reason: String) -> JSONValue.ParseError { .init(offset: offset, reason: reason) }

    var nextByte: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    mutating func skipWhitespace() {
        while let byte = nextByte, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
            offset += 1
        }
    }

    mutating func expect(_ character: Unicode.Scalar) throws(JSONValue.ParseError) {
        skipWhitespace()
        guard nextByte == UInt8(ascii: character) else { throw error("'\(character)' expected") }
        offset += 1
    }

    /// Skips whitespace, then consumes `character` if it is next.
    mutating func consume(_ character: Unicode.Scalar) -> Bool {
        skipWhitespace()
        guard nextByte == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    mutating func value(depth: Int) throws(JSONValue.ParseError) -> JSONValue {
        guard depth < Self.depthLimit else { throw error("nested too deeply") }
        skipWhitespace()
        switch nextByte {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    mutating func literal(
        _ literal: StaticString, _ value: JSONValue
    ) throws(JSONValue.ParseError) -> JSONValue {
        let end = offset + literal.utf8CodeUnitCount
        guard end <= bytes.count,
            bytes[offset..<end].elementsEqual(
                UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
        else { throw error("'\(literal)' expected") }
        offset = end
        return value
    }

    mutating func object(depth: Int) throws(JSONValue.ParseError) -> JSONValue {
        try expect("{")
        var members: [JSONValue.Member] = []
        // Only used for objects with many keys: comparing few keys is cheaper than hashing them.
        var keys: Set<ByteString> = []
        if consume("}") { return .object(members) }
        repeat {
            skipWhitespace()
            let key = try string()
            try expect(":")
            let value = try value(depth: depth + 1)
            let isNew: Bool
            if members.count < 32 {
                isNew = !members.contains { $0.key.hasSameBytes(as: key) }
            } else {
                if keys.isEmpty { keys = Set(members.map { ByteString($0.key) }) }
                isNew = keys.insert(key)
            }
            guard isNew else { throw error("the key '\(key)' comes twice") }
            members.append(.init(key, value))
        } while consume(",")
        try expect("}")
        return .object(members)
    }

    mutating func array(depth: Int) throws(JSONValue.ParseError) -> JSONValue {
        try expect("[")
        var elements: [JSONValue] = []
        if consume("]") { return .array(elements) }
        repeat { elements.append(try value(depth: depth + 1)) } while consume(",")
        try expect("]")
        return .array(elements)
    }

    mutating func number() throws(JSONValue.ParseError) -> JSONValue {
        let start = offset
        if nextByte == UInt8(ascii: "-") { offset += 1 }
        let digits = consumeDigits()
        guard digits > 0 else { throw error("a value expected") }
        let first = bytes[offset - digits]
        guard digits == 1 || first != UInt8(ascii: "0") else { throw error("a leading zero") }
        var isInteger = true
        if nextByte == UInt8(ascii: ".") {
            offset += 1
            isInteger = false
            guard consumeDigits() > 0 else { throw error("a digit expected") }
        }
        if nextByte == UInt8(ascii: "e") || nextByte == UInt8(ascii: "E") {
            offset += 1
            isInteger = false
            if nextByte == UInt8(ascii: "+") || nextByte == UInt8(ascii: "-") { offset += 1 }
            guard consumeDigits() > 0 else { throw error("a digit expected") }
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if isInteger, let value = Int(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw error("a number too large") }
        return .number(value)
    }

    mutating func consumeDigits() -> Int {
        let start = offset
        while let byte = nextByte, (0x30...0x39).contains(byte) { offset += 1 }
        return offset - start
    }

    mutating func string() throws(JSONValue.ParseError) -> String {
        guard nextByte == UInt8(ascii: "\"") else { throw error("a text expected") }
        offset += 1
        // Fast path: most strings have no escapes.
        let start = offset
        while let byte = nextByte, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"),
            byte >= 0x20
        {
            offset += 1
        }
        let plain = bytes[start..<offset]
        if nextByte == UInt8(ascii: "\"") {
            offset += 1
            guard let text = String(validating: plain, as: UTF8.self) else {
                throw error("a text that is not UTF-8")
            }
            return text
        }
        var units = Array(plain)
        while true {
            guard let byte = nextByte else { throw error("a text without end") }
            offset += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: units, as: UTF8.self) else {
                    throw error("a text that is not UTF-8")
                }
                return text
            case UInt8(ascii: "\\"): units.append(contentsOf: try escape().utf8)
            case 0..<0x20: throw error("a control character in a text")
            default: units.append(byte)
            }
        }
    }

    mutating func escape() throws(JSONValue.ParseError) -> String {
        guard let byte = nextByte else { throw error("a text without end") }
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
            if UTF16.isLeadSurrogate(units[0]), nextByte == UInt8(ascii: "\\") {
                offset += 1
                guard nextByte == UInt8(ascii: "u") else { throw error("half a surrogate pair") }
                offset += 1
                units.append(try hexadecimalUnit())
            }
            guard let text = String(validating: units, as: UTF16.self) else {
                throw error("half a surrogate pair")
            }
            return text
        default: throw error("an unknown escape")
        }
    }

    mutating func hexadecimalUnit() throws(JSONValue.ParseError) -> UInt16 {
        guard offset + 4 <= bytes.count else {
            throw error("four hexadecimal digits expected")
        }
        let digits = bytes[offset..<offset + 4]
        guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw error("four hexadecimal digits expected") }
        offset += 4
        return unit
    }
}
