import Foundation

/// What the reference implementations do to a text before they split it into words.
///
/// Texts are arrays of scalars: the references count, compare and replace code points.
enum TextCleaning {
    typealias Scalars = [Unicode.Scalar]

    /// Cleaning of OpenAI's and open_clip's tokenizers: ftfy, HTML entities, white space, lower case.
    ///
    /// ftfy also repairs texts that were decoded with a wrong encoding. That is not done: see `mayBeMisdecoded`.
    ///
    /// Source: openai/CLIP `clip/simple_tokenizer.py`, `basic_clean` and `whitespace_clean`; `ftfy` 6.3.
    static func openAI(_ text: String) -> Scalars {
        var scalars = fixed(Scalars(text.unicodeScalars))
        for _ in 1...2 { scalars = HTMLEntities.unescape(scalars) }
        return lowercased(singleSpaced(scalars), finalSigma: true)
    }

    /// Cleaning of Hugging Face's `CLIPTokenizer`: NFC, white space, lower case scalar by scalar.
    static func huggingFace(_ text: Scalars) -> Scalars {
        lowercased(singleSpaced(composed(text)), finalSigma: false)
    }

    // MARK: White space and case

    /// Runs of white space become one space; none is left at the ends.
    private static func singleSpaced(_ text: Scalars) -> Scalars {
        Scalars(text.split(whereSeparator: \.properties.isWhitespace).joined(separator: [" "]))
    }

    /// - Parameter finalSigma: Whether Σ at the end of a word becomes ς rather than σ.
    private static func lowercased(_ text: Scalars, finalSigma: Bool) -> Scalars {
        var lower: Scalars = []
        lower.reserveCapacity(text.count)
        for (index, scalar) in text.enumerated() {
            if scalar.isASCII {
                lower.append(scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar)
            } else if scalar == "\u{3A3}", finalSigma, endsWord(index, in: text) {
                lower.append("\u{3C2}")
            } else {
                lower += scalar.properties.lowercaseMapping.unicodeScalars
            }
        }
        return lower
    }

    /// Unicode's condition Final_Sigma: a cased letter before, none after, whatever ignorable ones are between.
    private static func endsWord(_ index: Int, in text: Scalars) -> Bool {
        func isCased(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isCased }
        func isLetter(_ scalar: Unicode.Scalar) -> Bool { !scalar.properties.isCaseIgnorable }
        return text[..<index].last(where: isLetter).map(isCased) == true
            && text[(index + 1)...].first(where: isLetter).map(isCased) != true
    }

    /// The text in Unicode's normal form C.
    static func composed(_ text: Scalars) -> Scalars {
        guard text.contains(where: { !$0.isASCII }) else { return text }
        return Scalars(string(text).precomposedStringWithCanonicalMapping.unicodeScalars)
    }

    /// The text in Unicode's normal form D.
    static func decomposed(_ text: Scalars) -> Scalars {
        guard text.contains(where: { !$0.isASCII }) else { return text }
        return Scalars(string(text).decomposedStringWithCanonicalMapping.unicodeScalars)
    }

    /// Scalars as a string.
    static func string(_ text: some Sequence<Unicode.Scalar>) -> String {
        var string = String.UnicodeScalarView()
        string.append(contentsOf: text)
        return String(string)
    }

    // MARK: ftfy

    /// ftfy's `fix_text`, without repairs of wrongly decoded text.
    ///
    /// A line with `<` turns the unescaping of entities off for itself and all lines after it.
    private static func fixed(_ text: Scalars) -> Scalars {
        // Nothing is to be done to printable ASCII without entities.
        guard text.contains(where: { !(" "..."~").contains($0) || $0 == "&" }) else { return text }
        var result: Scalars = []
        var unescapes = true
        for line in lines(of: text) {
            if line.contains("<") { unescapes = false }
            var line = Scalars(line)
            while true {
                let changed = fixedOnce(line, unescapes: unescapes)
                if changed == line { break }
                line = changed
            }
            result += line
        }
        return result
    }

    /// Lines with the `\n` that ends them.
    private static func lines(of text: Scalars) -> [Scalars.SubSequence] {
        var lines: [Scalars.SubSequence] = []
        var start = 0
        for (index, scalar) in text.enumerated() where scalar == "\n" {
            lines.append(text[start...index])
            start = index + 1
        }
        if start < text.count { lines.append(text[start...]) }
        return lines
    }

    private static func fixedOnce(_ line: Scalars, unescapes: Bool) -> Scalars {
        var text = unescapes ? HTMLEntities.unescapeStrictly(line) : line
        text = text.flatMap { replacement(of: $0) ?? [$0] }
        text = withUnixLineBreaks(text)
        text = withoutTerminalEscapes(text)
        return composed(text.filter { !isControl($0) })
    }

    /// ftfy's `fix_c1_controls`, `fix_latin_ligatures`, `fix_character_width` and `uncurl_quotes`; nil leaves a scalar
    /// as it is.
    private static func replacement(of scalar: Unicode.Scalar) -> Scalars? {
        switch scalar.value {
        // The line is cleaned again, which reaches what this one stands for.
        case 0x80...0x9F: [LegacyEncodings.windows1252(UInt8(scalar.value))]
        case 0x3000: [" "]
        case 0xFF01...0xFFEF:
            Scalars(String(scalar).precomposedStringWithCompatibilityMapping.unicodeScalars)
        case 0x2018...0x201B, 0x2BC: ["'"]
        case 0x201C...0x201F: ["\""]
        default: ligatures[scalar].map { Scalars($0.unicodeScalars) }
        }
    }

    private static let ligatures: [Unicode.Scalar: String] = [
        "Ĳ": "IJ", "ĳ": "ij", "ŉ": "'n", "Ǳ": "DZ", "ǲ": "Dz", "ǳ": "dz", "Ǆ": "DŽ", "ǅ": "Dž",
        "ǆ": "dž", "Ǉ": "LJ",
        "ǈ": "Lj", "ǉ": "lj", "Ǌ": "NJ", "ǋ": "Nj", "ǌ": "nj", "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl",
        "ﬃ": "ffi", "ﬄ": "ffl",
        "ﬅ": "ſt", "ﬆ": "st",
    ]

    /// CR LF, CR, and the line and paragraph separators become LF, and so does NEL.
    private static func withUnixLineBreaks(_ text: Scalars) -> Scalars {
        var result: Scalars = []
        for (index, scalar) in text.enumerated() {
            switch scalar {
            case "\r" where index + 1 < text.count && text[index + 1] == "\n": continue
            case "\r", "\u{2028}", "\u{2029}", "\u{85}": result.append("\n")
            default: result.append(scalar)
            }
        }
        return result
    }

    /// Without ESC, `[`, digits and semicolons, and a letter.
    private static func withoutTerminalEscapes(_ text: Scalars) -> Scalars {
        guard text.contains("\u{1B}") else { return text }
        var result: Scalars = []
        var rest = text[...]
        while let scalar = rest.first {
            if scalar == "\u{1B}", rest.dropFirst().first == "[" {
                let end = rest.dropFirst(2).drop {
                    $0.properties.numericType == .decimal || $0 == ";"
                }
                if let last = end.first, ("a"..."z").contains(last) || ("A"..."Z").contains(last) {
                    rest = end.dropFirst()
                    continue
                }
            }
            result.append(scalar)
            rest = rest.dropFirst()
        }
        return result
    }

    /// Whether ftfy removes a control character.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x206A...0x206F, 0xFEFF, 0xFFF9...0xFFFC: true
        default: false
        }
    }

    /// Whether a text may be UTF-8 that was decoded with another encoding (`cafÃ©`), which ftfy would repair.
    ///
    /// True if the bytes of some neighbouring scalars, in an encoding that ftfy tries, are UTF-8 of a scalar outside of
    /// ASCII. ftfy also asks how unlikely the text is, so that this is true of some texts that it leaves alone.
    static func mayBeMisdecoded(_ text: String) -> Bool {
        guard text.utf8.contains(where: { $0 >= 0x80 }) else { return false }
        return LegacyEncodings.bytes.contains { bytes in
            text.unicodeScalars.split { $0.isASCII }.contains { word in
                // A character that was lost may have been any.
                containsUTF8(word.map { $0 == "\u{FFFD}" ? 0xBF : bytes[$0] ?? 0 })
            }
        }
    }

    private static func containsUTF8(_ bytes: [UInt8]) -> Bool {
        bytes.indices.contains { start in
            let length =
                switch bytes[start] {
                case 0xC2...0xDF: 2
                case 0xE0...0xEF: 3
                case 0xF0...0xF4: 4
                default: 0
                }
            return length > 0 && start + length <= bytes.count
                && String(validating: bytes[start..<start + length], as: UTF8.self) != nil
        }
    }
}
