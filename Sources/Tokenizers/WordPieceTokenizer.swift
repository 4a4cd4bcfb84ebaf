/// BERT's tokenizer for texts without case and accents: a text → symbols of a `WordPieceVocabulary`.
///
/// Source: Hugging Face `tokenization_bert.py`, `BertTokenizer` of `bert-base-uncased`.
public struct WordPieceTokenizer: Sendable {
    public let vocabulary: WordPieceVocabulary
    /// The most symbols that a text has, those for start and end included: 35 for BLIP.
    public let contextLength: Int

    /// The most scalars that are read, which bounds the time for any text.
    private static let scalarLimit = 1 << 13

    /// - Precondition: `contextLength` is at least 2.
    public init(_ vocabulary: WordPieceVocabulary, contextLength: Int) {
        precondition(contextLength >= 2)
        self.vocabulary = vocabulary
        self.contextLength = contextLength
    }

    /// The symbols of a text, from start to end. A text that is too long is cut, and ends with the end symbol.
    ///
    /// Of a text of more than 8,192 scalars, only so many are read.
    public func tokens(of text: String) -> TokenizedText {
        let whole = Array(text.unicodeScalars)
        var ids = [vocabulary.start]
        for piece in pieces(of: Array(whole.prefix(Self.scalarLimit))) {
            switch piece {
            case .name(let number): ids.append(number)
            case .text(let text):
                for word in words(of: text) {
                    ids += vocabulary.symbols(of: word)
                    if ids.count >= contextLength { break }
                }
            }
            if ids.count >= contextLength { break }
        }
        let isTruncated = ids.count >= contextLength || whole.count > Self.scalarLimit
        ids.removeLast(max(0, ids.count - (contextLength - 1)))
        return TokenizedText(
            ids: ids + [vocabulary.end], isTruncated: isTruncated, mayBeMisdecoded: false)
    }

    private enum Piece {
        /// The number of a symbol whose name the text spells out.
        case name(Int32)
        case text([Unicode.Scalar])
    }

    private func pieces(of text: [Unicode.Scalar]) -> [Piece] {
        guard text.contains("[") else { return [.text(text)] }
        var pieces: [Piece] = []
        var (rest, between) = (text[...], [Unicode.Scalar]())
        while let first = rest.first {
            guard
                let name = vocabulary.names.first(where: { rest.starts(with: $0.name) })
            else {
                between.append(first)
                rest = rest.dropFirst()
                continue
            }
            pieces += [.text(between), .name(name.number)]
            between = []
            rest = rest.dropFirst(name.name.count)
        }
        return pieces + [.text(between)]
    }

    /// The words of a text, without case and accents; a mark of punctuation and a Chinese character are words.
    private func words(of text: [Unicode.Scalar]) -> [[Unicode.Scalar]] {
        let lower = text.flatMap { Array($0.properties.lowercaseMapping.unicodeScalars) }
        let cleaned = lower.filter { !Self.isControl($0) && $0 != "\u{FFFD}" }
        let spaced = cleaned.flatMap { scalar -> [Unicode.Scalar] in
            Self.isChinese(scalar) ? [" ", scalar, " "] : [scalar]
        }
        var words: [[Unicode.Scalar]] = []
        for part in TextCleaning.composed(spaced).split(whereSeparator: \.properties.isWhitespace) {
            let bare = TextCleaning.decomposed(
                part.flatMap { Array($0.properties.lowercaseMapping.unicodeScalars) }
            )
            .filter { $0.properties.generalCategory != .nonspacingMark }
            var word: [Unicode.Scalar] = []
            for scalar in bare {
                let isWord = !Self.isPunctuation(scalar) && !scalar.properties.isWhitespace
                if isWord { word.append(scalar) }
                guard !isWord else { continue }
                if !word.isEmpty { words.append(word) }
                if Self.isPunctuation(scalar) { words.append([scalar]) }
                word = []
            }
            if !word.isEmpty { words.append(word) }
        }
        return words
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control: !["\t", "\n", "\r"].contains(scalar)
        case .format, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }

    private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 33...47, 58...64, 91...96, 123...126: return true
        default: break
        }
        switch scalar.properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
            .initialPunctuation, .finalPunctuation, .otherPunctuation:
            return true
        default: return false
        }
    }

    private static func isChinese(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F,
            0x2B740...0x2B81F, 0x2B820...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
            true
        default: false
        }
    }
}
