/// Splits a cleaned text into words, with the regular expression of CLIP's tokenizers:
///
///     SPECIAL | 's|'t|'re|'ve|'m|'ll|'d | \p{L}+ | \p{N} | [^\s\p{L}\p{N}]+
///
/// White space separates words and is in none.
struct WordSplitter: Sendable {
    /// A word, or one of the two symbols that a text may spell out.
    enum Word: Hashable {
        case text([UInt8])
        case start, end
    }

    /// How the symbols of start and end are spelled in a text.
    let startName: [Unicode.Scalar]
    let endName: [Unicode.Scalar]
    /// Whether the regular expression ignores case, although the text is in lower case. Two scalars notice: ſ is an s
    /// of a contraction, and the iota below (U+0345), whose capital is a letter, is in no word.
    let ignoresCase: Bool

    private static let contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"].map {
        Array($0.unicodeScalars)
    }

    /// A part of a text: the name of a symbol, or what is between two of them.
    enum Piece {
        case name(Word)
        case text([Unicode.Scalar])
    }

    /// The names of symbols in a text, and what is between them.
    func pieces(of text: [Unicode.Scalar]) -> [Piece] {
        var pieces: [Piece] = []
        var (rest, between) = (text[...], [Unicode.Scalar]())
        while let first = rest.first {
            guard let name = name(at: rest) else {
                between.append(first)
                rest = rest.dropFirst()
                continue
            }
            pieces += [.text(between), .name(name.word)]
            between = []
            rest = rest.dropFirst(name.length)
        }
        return pieces + [.text(between)]
    }

    /// The symbol whose name a text begins with.
    private func name(at text: ArraySlice<Unicode.Scalar>) -> (word: Word, length: Int)? {
        if text.starts(with: startName) { return (.start, startName.count) }
        return text.starts(with: endName) ? (.end, endName.count) : nil
    }

    /// - Parameter findsNames: Whether the names of symbols are words.
    func words(of text: [Unicode.Scalar], findsNames: Bool = true) -> [Word] {
        var words: [Word] = []
        var rest = text[...]
        while let first = rest.first {
            if first.properties.isWhitespace || isInNoWord(first) {
                rest = rest.dropFirst()
                continue
            }
            if findsNames, let name = name(at: rest) {
                words.append(name.word)
                rest = rest.dropFirst(name.length)
                continue
            }
            let length: Int
            if let contraction = Self.contractions.first(where: { begins(rest, with: $0) }) {
                length = contraction.count
            } else {
                let kind = Kind(first)
                length =
                    kind == .number ? 1 : rest.prefix { Kind($0) == kind && !isInNoWord($0) }.count
            }
            words.append(.text(rest.prefix(length).flatMap { $0.utf8 }))
            rest = rest.dropFirst(length)
        }
        return words
    }

    private func isInNoWord(_ scalar: Unicode.Scalar) -> Bool { ignoresCase && scalar == "\u{345}" }

    private func begins(_ text: ArraySlice<Unicode.Scalar>, with prefix: [Unicode.Scalar]) -> Bool {
        text.count >= prefix.count
            && zip(text, prefix).allSatisfy {
                $0 == $1 || ignoresCase && $0 == "\u{17F}" && $1 == "s"
            }
    }

    /// The classes of the regular expression.
    private enum Kind {
        case space, letter, number, other

        init(_ scalar: Unicode.Scalar) {
            let properties = scalar.properties
            self =
                switch properties.generalCategory {
                case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter,
                    .otherLetter:
                    .letter
                case .decimalNumber, .letterNumber, .otherNumber: .number
                default: properties.isWhitespace ? .space : .other
                }
        }
    }
}
