/// Text measured in the columns of a terminal.
extension String {
    /// Number of columns: two for wide East-Asian characters and emoji, none for combining marks.
    ///
    /// The scalars of a character are added, as `wcswidth` does; a terminal that joins them shows
    /// fewer columns, never more.
    package var displayWidth: Int { unicodeScalars.reduce(0) { $0 + $1.displayWidth } }

    /// The text with `…` in place of its middle, at most `width` columns wide.
    package func shortened(toWidth width: Int) -> String {
        guard displayWidth > width else { return self }
        guard width > 1 else { return width == 1 ? "…" : "" }
        // The end of a path says more than its start.
        let end = width / 2
        return prefix(ofWidth: width - 1 - end) + "…" + suffix(ofWidth: end)
    }

    private func prefix(ofWidth width: Int) -> String {
        String(Self.kept(of: self, width: width))
    }

    private func suffix(ofWidth width: Int) -> String {
        String(Self.kept(of: reversed(), width: width).reversed())
    }

    /// The first characters that fit into `width` columns.
    private static func kept(of characters: some Sequence<Character>, width: Int) -> [Character] {
        var rest = width
        var kept: [Character] = []
        for character in characters {
            rest -= String(character).displayWidth
            guard rest >= 0 else { break }
            kept.append(character)
        }
        return kept
    }
}

extension Unicode.Scalar {
    fileprivate var displayWidth: Int {
        if value < 0x300 { return (0x20..<0x7f).contains(value) || value >= 0xa0 ? 1 : 0 }
        switch properties.generalCategory {
        case .nonspacingMark where value == 0xfe0f: return 1  // Turns a symbol into a wide emoji.
        case .nonspacingMark, .enclosingMark, .format, .control, .lineSeparator,
            .paragraphSeparator:
            return 0
        default: break
        }
        // Vowels and final consonants of decomposed Hangul syllables.
        if (0x1160...0x11ff).contains(value) { return 0 }
        return properties.isEmojiPresentation || Self.wide.contains { $0.contains(value) } ? 2 : 1
    }

    /// Blocks of Wide and Fullwidth characters. Source: Unicode 16, `EastAsianWidth.txt`.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115f, 0x2329...0x232a, 0x2e80...0x303e, 0x3041...0x4dbf, 0x4e00...0xa4c6,
        0xa960...0xa97c, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe10...0xfe19, 0xfe30...0xfe6b,
        0xff01...0xff60, 0xffe0...0xffe6, 0x16fe0...0x18d08, 0x1aff0...0x1b2fb, 0x1f200...0x1f265,
        0x20000...0x3fffd,
    ]
}
