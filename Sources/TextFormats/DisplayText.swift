/// Text for terminals, tables and reports, in which names of files, servers and rows must not move
/// the cursor, begin a line or reverse the order of what follows.
package enum DisplayText {
    /// A text as a part of one line: control characters (C0, DEL, C1), line and paragraph separators
    /// and overrides of the writing direction are replaced by escapes, `\n` or `\u001b`.
    package static func line(_ text: String) -> String { escaped(text, keeping: []) }

    /// A text of several lines; line feeds and tabs are kept.
    package static func block(_ text: String) -> String { escaped(text, keeping: ["\n", "\t"]) }

    private static func escaped(_ text: String, keeping kept: Set<Unicode.Scalar>) -> String {
        func isEscaped(_ scalar: Unicode.Scalar) -> Bool {
            isActive(scalar) && !kept.contains(scalar)
        }
        guard text.unicodeScalars.contains(where: isEscaped) else { return text }
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isEscaped(scalar) {
                line.append(contentsOf: escape(scalar).unicodeScalars)
            } else {
                line.append(scalar)
            }
        }
        return String(line)
    }

    /// Whether a terminal does something other than to show the character.
    private static func isActive(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0: true
        // Line and paragraph separator; embeddings, overrides and isolates of direction.
        case 0x2028...0x202e, 0x2066...0x2069: true
        default: false
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        default:
            let digits = String(scalar.value, radix: 16)
            return "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        }
    }
}
