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

    /// Parses a complete JSON text in UTF-8 whose root is an object, one member after the other, so
    /// that a caller who keeps little of each needs little memory.
    ///
    /// Each member has at most 65,536 values.
    ///
    /// - Parameter failing: Converts errors of this method.
    package static func readMembers<Failure: Error>(
        of bytes: UnsafeRawBufferPointer, failing: (ParseError) -> Failure,
        _ body: (Member) throws(Failure) -> Void
    ) throws(Failure) {
        var reader = JSONReader(bytes: bytes)
        var keys: Set<ByteString> = []
        do throws(ParseError) { try reader.beginObject() } catch { throw failing(error) }
        while true {
            let member: Member?
            do throws(ParseError) {
                reader.valueBudget = JSONReader.valueLimitOfMember
                member = try reader.nextMember(isFirst: keys.isEmpty)
                if let member, !keys.insert(member.key) {
                    throw reader.repeatedKey(member.key)
                }
                if member == nil { try reader.end() }
            } catch {
                throw failing(error)
            }
            guard let member else { return }
            try body(member)
        }
    }
}

/// A strict recursive-descent parser for untrusted input.
private struct JSONReader {
    /// Maximum nesting depth.
    static let depthLimit = 64

    /// Minimum mean length of an array or object, in bytes. Each takes up to a hundred bytes of
    /// memory, whatever the length of its text; rows of clips have one in 30 bytes.
    static let bytesPerContainer = 8
    /// Number of arrays and objects that any text may have, in 6 MB of memory.
    static let containerAllowance = 1 << 16
    /// Number of values in a member that is read by `JSONValue.readMembers`.
    static let valueLimitOfMember = 1 << 16

    let bytes: UnsafeRawBufferPointer
    var offset = 0
    /// Remaining number of values.
    var valueBudget = Int.max
    /// Remaining number of arrays and objects.
    var containerBudget: Int

    init(bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        containerBudget = max(Self.containerAllowance, bytes.count / Self.bytesPerContainer)
    }

    mutating func document() throws(JSONValue.ParseError) -> JSONValue {
        let value = try value(depth: 0)
        try end()
        return value
    }

    mutating func end() throws(JSONValue.ParseError) {
        skipWhitespace()
        guard offset == bytes.count else { throw error("text after the end") }
    }

    /// Begins the object that is the root.
    mutating func beginObject() throws(JSONValue.ParseError) {
        skipWhitespace()
        guard nextByte == UInt8(ascii: "{") else { throw error("not a JSON object") }
        offset += 1
    }

    /// The next member of the object that is the root; nil at its end.
    mutating func nextMember(isFirst: Bool) throws(JSONValue.ParseError) -> JSONValue.Member? {
        if isFirst ? consume("}") : !consume(",") {
            if !isFirst { try expect("}") }
            return nil
        }
        return try member(depth: 0)
    }

    mutating func member(depth: Int) throws(JSONValue.ParseError) -> JSONValue.Member {
        skipWhitespace()
        let key = try string()
        try expect(":")
        return JSONValue.Member(key, try value(depth: depth + 1))
    }

    func repeatedKey(_ key: String) -> JSONValue.ParseError {
        error("the key '\(key)' comes twice")
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
        valueBudget -= 1
        skipWhitespace()
        if nextByte == UInt8(ascii: "{") || nextByte == UInt8(ascii: "[") { containerBudget -= 1 }
        guard valueBudget >= 0, containerBudget >= 0 else {
            throw error("more values than its length allows")
        }
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
            let member = try member(depth: depth)
            let isNew: Bool
            if members.count < 32 {
                isNew = !members.contains { $0.key.hasSameBytes(as: member.key) }
            } else {
                if keys.isEmpty { keys = Set(members.map { ByteString($0.key) }) }
                isNew = keys.insert(member.key)
            }
            guard isNew else { throw repeatedKey(member.key) }
            members.append(member)
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
        return isInteger ? .longInteger(text) : .number(value)
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
