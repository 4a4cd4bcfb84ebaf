/// Character references of HTML (`&amp;`, `&#38;`), decoded as Python does.
enum HTMLEntities {
    typealias Scalars = [Unicode.Scalar]

    // MARK: html.unescape

    /// Decodes references as Python's `html.unescape`: also without a semicolon, and the longest known name at the
    /// start of an unknown one.
    static func unescape(_ text: Scalars) -> Scalars {
        replacingReferences(in: text) { rest in
            if rest.first == "#" {
                guard let number = NumericReference(rest) else { return nil }
                return (number.scalars, number.length)
            }
            let name = rest.prefix(32).prefix { !"\t\n\u{0C} <&#;".unicodeScalars.contains($0) }
            guard !name.isEmpty else { return nil }
            let ends = rest.dropFirst(name.count).first == ";"
            let whole = String(name) + (ends ? ";" : "")
            if let scalars = named[whole] { return (scalars, name.count + (ends ? 1 : 0)) }
            // The reference tries the whole name without its last character first, which is the semicolon if there is one.
            for length in stride(from: name.count - (ends ? 0 : 1), to: 1, by: -1) {
                if let scalars = named[String(name.prefix(length))] { return (scalars, length) }
            }
            return nil
        }
    }

    // MARK: ftfy

    /// Decodes references as `ftfy.fixes.unescape_html`: with a semicolon only, and some names in capitals too.
    static func unescapeStrictly(_ text: Scalars) -> Scalars {
        replacingReferences(in: text) { rest in
            let isNumeric = rest.first == "#"
            let name = rest.dropFirst(isNumeric ? 1 : 0).prefix(25).prefix {
                $0.isASCII && $0.properties.isAlphanumericASCII
            }
            let length = name.count + (isNumeric ? 1 : 0)
            guard (1...24).contains(name.count), rest.dropFirst(length).first == ";" else {
                return nil
            }
            if isNumeric {
                // A number that is followed by letters is none.
                guard let number = NumericReference(rest), number.length == length + 1 else {
                    return nil
                }
                return number.scalars.contains(";") ? nil : (number.scalars, length + 1)
            }
            let key = String(name) + ";"
            return (named[key] ?? capitals[key]).map { ($0, length + 1) }
        }
    }

    /// Replaces what `decode` makes of the text after each `&`: its result, and how much of the text it stands for.
    private static func replacingReferences(
        in text: Scalars, _ decode: (Scalars.SubSequence) -> (Scalars, Int)?
    ) -> Scalars {
        guard text.contains("&") else { return text }
        var result: Scalars = []
        var rest = text[...]
        while let scalar = rest.first {
            rest = rest.dropFirst()
            guard scalar == "&", let (scalars, length) = decode(rest) else {
                result.append(scalar)
                continue
            }
            result += scalars
            rest = rest.dropFirst(length)
        }
        return result
    }

    // MARK: Tables

    /// Names, with their semicolon if they need it, and what they stand for.
    private static let named: [String: Scalars] = {
        var named: [String: Scalars] = [:]
        for line in htmlEntityTable.split(separator: "\n") {
            let fields = line.split(separator: " ")
            named[String(fields[0])] = fields.dropFirst().compactMap {
                UInt32($0, radix: 16).flatMap(Unicode.Scalar.init)
            }
        }
        return named
    }()

    /// Names in capitals that HTML does not know, with the capitals of what they stand for in small letters.
    private static let capitals: [String: Scalars] = {
        var capitals: [String: Scalars] = [:]
        for (name, scalars) in named where name.hasSuffix(";") && name == name.lowercased() {
            let upper = name.uppercased()
            let reference = Scalars("&\(upper)".unicodeScalars)
            guard unescape(reference) == reference else { continue }
            capitals[upper] = scalars.flatMap { $0.properties.uppercaseMapping.unicodeScalars }
        }
        return capitals
    }()
}

/// A reference by number: `#38;`, `#x26`.
private struct NumericReference {
    /// What it stands for; empty for control characters and noncharacters.
    let scalars: [Unicode.Scalar]
    /// Its length in the text, without `&`.
    let length: Int

    /// - Parameter rest: The text after `&`.
    init?(_ rest: ArraySlice<Unicode.Scalar>) {
        let isHexadecimal = rest.dropFirst().first == "x" || rest.dropFirst().first == "X"
        let prefix = isHexadecimal ? 2 : 1
        let digits = rest.dropFirst(prefix).prefix {
            isHexadecimal ? $0.isASCII && $0.properties.isASCIIHexDigit : ("0"..."9").contains($0)
        }
        guard !digits.isEmpty else { return nil }
        let ends = rest.dropFirst(prefix + digits.count).first == ";"
        length = prefix + digits.count + (ends ? 1 : 0)
        var digitText = String.UnicodeScalarView()
        digitText.append(contentsOf: digits)
        scalars = Self.scalars(UInt32(String(digitText), radix: isHexadecimal ? 16 : 10))
    }

    /// - Parameter number: Nil if it is too large for 32 bits.
    private static func scalars(_ number: UInt32?) -> [Unicode.Scalar] {
        switch number {
        case 0: ["\u{FFFD}"]
        case 0x0D: ["\r"]
        case .some(let byte) where (0x80...0x9F).contains(byte):
            [LegacyEncodings.windows1252(UInt8(byte))]
        case .some(let number) where isInvalid(number): []
        default: [number.flatMap(Unicode.Scalar.init) ?? "\u{FFFD}"]
        }
    }

    /// Control characters and noncharacters, which references must not stand for.
    private static func isInvalid(_ number: UInt32) -> Bool {
        switch number {
        case 0x1...0x8, 0xB, 0xE...0x1F, 0x7F, 0xFDD0...0xFDEF: true
        default: number <= 0x10FFFF && number & 0xFFFE == 0xFFFE
        }
    }
}

extension Unicode.Scalar.Properties {
    fileprivate var isAlphanumericASCII: Bool {
        isASCIIHexDigit || isAlphabetic || numericType == .decimal
    }
}

extension String {
    fileprivate init(_ scalars: some Sequence<Unicode.Scalar>) {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        self.init(view)
    }
}
