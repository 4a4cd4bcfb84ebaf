/// A JSON value (RFC 8259) whose objects preserve the order of their keys, for result lines.
///
/// Parsing is strict, because input is untrusted and weight-file headers contain byte offsets.
/// Foundation's parser accepts `true` as 1, rounds 1e30 to an integer, keeps the last of duplicate
/// keys and loses their order. Here numbers are only integers if they are exact, duplicate keys are
/// errors, and the nesting depth is limited.
public enum JSONValue: Sendable {
    case null
    case bool(Bool)
    /// A number without fraction or exponent that fits in an `Int`.
    case integer(Int)
    /// Another number without fraction or exponent, such as a 64-bit hash: its digits as they are
    /// written, since a `Double` would be another number. It is finite as a `Double`.
    case longInteger(String)
    /// Any other number; NaN and infinities are written as `null`.
    case number(Double)
    /// Written with the shortest representation that round-trips as a `Float`; parsing does not
    /// produce it.
    case float(Float)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// A key and its value.
    public struct Member: Sendable {
        public var key: String
        public var value: JSONValue

        public init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// The value of an object's key; nil if this is not an object or has no such key.
    public subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key.hasSameBytes(as: key) }?.value
    }

    public var stringValue: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The value as a name, unquoted: `7` and `"7"` are equal.
    public var name: String { stringValue ?? description }

    /// The value of a whole number, also if it is written with a fraction or an exponent (`7.0`,
    /// `1e3`), as some programs do.
    public var integerValue: Int? {
        switch self {
        case .integer(let integer): integer
        case .number(let number) where abs(number) <= 0x1p53: Int(exactly: number)
        default: nil
        }
    }

    public var doubleValue: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .longInteger(let digits): Double(digits)
        case .number(let number): number
        case .float(let float): Double(float)
        default: nil
        }
    }

    /// The value with one writing for all texts of JSON that programs take for equal: keys are
    /// sorted, and whole numbers have neither fraction nor exponent.
    package var canonical: JSONValue {
        switch self {
        case .number: integerValue.map { .integer($0) } ?? self
        case .array(let elements): .array(elements.map(\.canonical))
        case .object(let members):
            .object(
                members.map { Member($0.key, $0.value.canonical) }
                    .sorted { $0.key.precedesByBytes($1.key) })
        default: self
        }
    }

    public var arrayValue: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    public var members: [Member]? {
        if case .object(let members) = self { members } else { nil }
    }
}

/// Texts are equal if their bytes are.
extension JSONValue: Hashable {
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.longInteger(let left), .longInteger(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.float(let left), .float(let right)): left == right
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let bool): hasher.combine(bool)
        case .integer(let integer): hasher.combine(integer)
        case .longInteger(let digits): hasher.combine(digits)
        case .number(let number): hasher.combine(number)
        case .float(let float): hasher.combine(float)
        case .string(let string): hasher.combine(ByteString(string))
        case .array(let elements): hasher.combine(elements)
        case .object(let members): hasher.combine(members)
        }
    }
}

extension JSONValue.Member: Hashable {
    public static func == (left: JSONValue.Member, right: JSONValue.Member) -> Bool {
        left.key.hasSameBytes(as: right.key) && left.value == right.value
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(ByteString(key))
        hasher.combine(value)
    }
}

/// Conversions; nil is null.
extension JSONValue {
    public init(_ number: Double?) { self = number.map { .number($0) } ?? .null }

    public init(_ integer: Int?) { self = integer.map { .integer($0) } ?? .null }

    public init(_ string: String?) { self = string.map { .string($0) } ?? .null }

    /// An integer; a string above `Int.max`.
    public init(_ integer: UInt64) {
        self = Int(exactly: integer).map { .integer($0) } ?? .string(String(integer))
    }
}

extension JSONValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    public init(stringLiteral string: String) { self = .string(string) }

    public init(integerLiteral integer: Int) { self = .integer(integer) }

    public init(floatLiteral number: Double) { self = .number(number) }

    public init(booleanLiteral bool: Bool) { self = .bool(bool) }

    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    /// Members keep the order of the literal.
    public init(dictionaryLiteral members: (String, JSONValue)...) {
        self = .object(members.map { Member($0, $1) })
    }
}

extension JSONValue: CustomStringConvertible {
    /// The value as one line of JSON, UTF-8, without spaces.
    public var description: String {
        var text = ""
        append(to: &text)
        return text
    }

    private func append(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let bool): text += bool ? "true" : "false"
        case .integer(let integer): text += String(integer)
        case .longInteger(let digits): text += digits
        case .number(let number): text += number.isFinite ? "\(number)" : "null"
        case .float(let float): text += float.isFinite ? Self.digits(float) : "null"
        case .string(let string): Self.append(string, to: &text)
        case .array(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { text += "," }
                element.append(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                Self.append(member.key, to: &text)
                text += ":"
                member.value.append(to: &text)
            }
            text += "}"
        }
    }

    /// The digits of a `Float` in the notation of a `Double`, which a parsed number has: both are the
    /// same text. From 2²⁴ on, `Float` has an exponent, and `Double` has none up to 2⁵³.
    private static func digits(_ float: Float) -> String {
        let digits = "\(float)"
        guard abs(float) >= 0x1p24, let number = Double(digits) else { return digits }
        return "\(number)"
    }

    private static func append(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            // JavaScript and some line readers treat U+2028 and U+2029 as line ends; terminals obey
            // overrides and isolates of direction.
            // C1 control characters, as ESC, begin the commands of a terminal.
            case "\u{0}"..<"\u{20}", "\u{7f}"..."\u{9f}", "\u{2028}"..."\u{202e}",
                "\u{2066}"..."\u{2069}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
