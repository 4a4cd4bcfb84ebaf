/// CLIP's tokenizer: a text → symbols of a `BytePairVocabulary`, as the reference implementations make them.
///
///     let tokenizer = CLIPTokenizer(try BytePairVocabulary(path: "merges.txt"), variant: .openAI)
///     tokenizer.tokens(of: "a photo of a fox").ids   // 49406 320 1125 539 320 3240 49407
public struct CLIPTokenizer: Sendable {
    /// The reference implementations, which clean texts in different ways.
    public enum Variant: String, Sendable, Hashable, Codable, CaseIterable {
        /// openai/CLIP and ViCLIP: ftfy, HTML entities, white space, lower case.
        case openAI = "openai"
        /// open_clip and HPSv2: the same, but `<start_of_text>` and `<end_of_text>` are the names that a text may spell
        /// out.
        case openCLIP = "open_clip"
        /// Hugging Face's `CLIPTokenizer`: NFC, white space, lower case.
        case huggingFace = "hugging_face"
    }

    public let variant: Variant
    public let vocabulary: BytePairVocabulary
    /// The most symbols that a text has, those for start and end included: 77, or 32 for ViCLIP.
    public let contextLength: Int

    private let splitter: WordSplitter
    /// The most scalars that are read, which bounds the time for any text.
    private static let scalarLimit = 1 << 13

    /// - Precondition: `contextLength` is at least 2.
    public init(_ vocabulary: BytePairVocabulary, variant: Variant, contextLength: Int = 77) {
        precondition(contextLength >= 2)
        self.vocabulary = vocabulary
        self.variant = variant
        self.contextLength = contextLength
        let names =
            variant == .openCLIP
            ? ["<start_of_text>", "<end_of_text>"] : ["<|startoftext|>", "<|endoftext|>"]
        splitter = WordSplitter(
            startName: Array(names[0].unicodeScalars), endName: Array(names[1].unicodeScalars),
            ignoresCase: variant != .huggingFace)
    }

    /// The symbols of a text, from start to end. A text that is too long is cut, and ends with the end symbol, as the
    /// references do with `truncate=True`.
    ///
    /// Of a text of more than 8,192 scalars, only so many are read: far more than 77 symbols of prose.
    public func tokens(of text: String) -> TokenizedText {
        let whole = text.unicodeScalars
        let text = String(whole.prefix(Self.scalarLimit))
        var ids = [vocabulary.start]
        for word in words(of: text) {
            switch word {
            case .start: ids.append(vocabulary.start)
            case .end: ids.append(vocabulary.end)
            case .text(let bytes): ids += vocabulary.symbols(of: bytes)
            }
            // One more than fits tells that the text is cut; the rest of a long text need not be read.
            if ids.count >= contextLength { break }
        }
        let isTruncated = ids.count >= contextLength || text.unicodeScalars.count < whole.count
        ids.removeLast(max(0, ids.count - (contextLength - 1)))
        return TokenizedText(
            ids: ids + [vocabulary.end], isTruncated: isTruncated,
            mayBeMisdecoded: variant != .huggingFace && TextCleaning.mayBeMisdecoded(text))
    }

    private func words(of text: String) -> [WordSplitter.Word] {
        guard variant == .huggingFace else { return splitter.words(of: TextCleaning.openAI(text)) }
        // The names of start and end are found before a text is cleaned, and exactly as they are written.
        return splitter.pieces(of: Array(text.unicodeScalars)).flatMap { piece in
            switch piece {
            case .name(let word): [word]
            case .text(let text):
                splitter.words(of: TextCleaning.huggingFace(text), findsNames: false)
            }
        }
    }
}

/// A text as symbols.
public struct TokenizedText: Sendable, Hashable {
    /// Symbols from start to end, at most the context length; without padding.
    public let ids: [Int32]
    /// Whether symbols were left out because there were too many.
    public let isTruncated: Bool
    /// Whether the text may have been decoded with a wrong encoding (`cafÃ©`); the reference implementation would then
    /// repair it, and may have other symbols.
    public let mayBeMisdecoded: Bool
}
