internal import Crypto
import Files
import TextFormats

/// BERT's vocabulary: pieces of words, one per line of a `vocab.txt`, whose numbers are those of their lines.
///
/// A piece within a word begins with `##`. BLIP adds two names to the list, `[DEC]` and `[ENC]`.
///
/// Source: Hugging Face `tokenization_bert.py`; salesforce/BLIP `models/blip.py`, `init_tokenizer`.
public struct WordPieceVocabulary: Sendable {
    /// Number of symbols, BLIP's two included.
    public let count: Int
    /// SHA-256 of the pieces, one per line, in hexadecimal.
    public let fingerprint: String

    /// The number of `[CLS]`, which starts a text.
    let start: Int32
    /// The number of `[SEP]`, which ends a text.
    let end: Int32
    /// The number of `[UNK]`, which stands for a word that no pieces make.
    let unknown: Int32
    /// Names that a text may spell out, and their numbers.
    let names: [(name: [Unicode.Scalar], number: Int32)]

    private let pieces: [ByteString: Int32]
    /// Scalars of the longest piece.
    private let longest: Int
    /// Words of more scalars are unknown.
    private static let longestWord = 100

    /// Reads a `vocab.txt`.
    ///
    /// - Parameter count: Number of symbols that the model embeds, BLIP's two included.
    /// - Throws: `TokenizerError`.
    public init(path: String, count: Int) throws(TokenizerError) {
        func invalid(_ reason: String) -> TokenizerError {
            .invalidVocabulary(path: path, reason: reason)
        }
        var lines = try VocabularyFile.lines(path: path)
        if lines.last == "" { lines.removeLast() }
        let added = ["[DEC]", "[ENC]"]
        guard lines.count + added.count == count else {
            throw invalid("it has \(lines.count) lines, and \(count - added.count) are needed")
        }
        var hash = SHA256()
        var pieces: [ByteString: Int32] = [:]
        pieces.reserveCapacity(count)
        var longest = 0
        for (number, piece) in lines.enumerated() {
            let scalars = piece.unicodeScalars
            guard !scalars.isEmpty, scalars.count <= Self.longestWord,
                !scalars.contains(where: { $0.properties.isWhitespace || $0.value < 0x20 })
            else { throw invalid("line \(number + 1) is no piece of a word") }
            guard pieces.updateValue(Int32(number), forKey: ByteString(piece)) == nil else {
                throw invalid("line \(number + 1) repeats '\(piece)'")
            }
            longest = max(longest, scalars.count)
            hash.update(data: Array("\(piece)\n".utf8))
        }
        for (index, name) in added.enumerated() {
            guard
                pieces.updateValue(Int32(lines.count + index), forKey: ByteString(name)) == nil
            else { throw invalid("it has \(name), which BLIP adds to it") }
        }
        func number(_ name: String) throws(TokenizerError) -> Int32 {
            guard let number = pieces[ByteString(name)] else {
                throw invalid("it lacks \(name)")
            }
            return number
        }
        var names: [(name: [Unicode.Scalar], number: Int32)] = []
        for name in ["[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"] + added {
            names.append((Array(name.unicodeScalars), try number(name)))
        }
        self.names = names
        start = try number("[CLS]")
        end = try number("[SEP]")
        unknown = try number("[UNK]")
        self.pieces = pieces
        self.longest = longest
        self.count = count
        fingerprint = hash.finalize().hexadecimal
    }

    /// The symbols of a word: the longest piece that it begins with, then the longest that continues it, and so on; that
    /// for an unknown word if there is none.
    func symbols(of word: [Unicode.Scalar]) -> [Int32] {
        guard word.count <= Self.longestWord else { return [unknown] }
        var symbols: [Int32] = []
        var start = 0
        while start < word.count {
            let mark: [Unicode.Scalar] = start == 0 ? [] : ["#", "#"]
            var end = min(word.count, start + longest)
            var found: Int32?
            while end > start {
                found = pieces[ByteString(TextCleaning.string(mark + word[start..<end]))]
                if found != nil { break }
                end -= 1
            }
            guard let found else { return [unknown] }
            symbols.append(found)
            start = end
        }
        return symbols
    }
}
