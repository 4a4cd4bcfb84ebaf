internal import Crypto
import Files
import TextFormats

/// CLIP's vocabulary for byte pair encoding: symbols, their numbers, and the merges in their order.
///
/// The first 256 symbols are the bytes in the order of GPT-2's `bytes_to_unicode`, the next 256 are the same at the
/// end of a word. Each merge adds one symbol, and the last two are the start and the end of a text.
///
/// Source: openai/CLIP `clip/simple_tokenizer.py`.
public struct BytePairVocabulary: Sendable {
    /// Number of symbols, including those for start and end.
    public let count: Int
    /// The number of the symbol that starts a text.
    public var start: Int32 { Int32(count - 2) }
    /// The number of the symbol that ends a text, the highest one.
    public var end: Int32 { Int32(count - 1) }

    /// Two neighbouring symbols.
    struct Pair: Hashable {
        var left: Int32
        var right: Int32
    }

    /// A merge's position in the list, and the symbol that it makes.
    struct Merge {
        var rank: Int
        var symbol: Int32
    }

    /// SHA-256 of the merges, one per line, in hexadecimal: the same for every file with the same merges.
    public let fingerprint: String

    private let merges: [Pair: Merge]

    /// Number of symbols of all published CLIP models.
    public static let clipCount = 49408
    /// Symbols that are not made by merges: bytes, bytes at the end of a word, start and end of a text.
    private static let basicCount = 2 * 256 + 2
    /// The longest line that a list of merges may have, in scalars; the longest that is known has 40.
    private static let longestLine = 1024

    /// Reads a list of merges: OpenAI's `bpe_simple_vocab_16e6.txt`, or the `merges.txt` of a repository on the
    /// hub.
    ///
    /// - Parameters:
    ///   - lines: A line of comment, then one merge per line: two symbols, separated by a space.
    ///   - count: Number of symbols; as many merges are used as that takes, the others are ignored.
    ///   - path: The file's path, for errors.
    /// - Throws: `TokenizerError.invalidVocabulary`.
    init(lines: [Substring], count: Int, path: String) throws(TokenizerError) {
        func invalid(_ reason: String) -> TokenizerError {
            .invalidVocabulary(path: path, reason: reason)
        }
        let mergeCount = count - Self.basicCount
        let rows = lines.dropFirst().prefix(max(0, mergeCount))
        guard mergeCount >= 0, rows.count == mergeCount else {
            throw invalid("it has \(max(0, lines.count - 1)) merges, and \(mergeCount) are needed")
        }
        var numbers: [ByteString: Int32] = [:]
        numbers.reserveCapacity(count)
        for (index, byte) in ByteSymbols.order.enumerated() {
            let symbol = String(ByteSymbols.scalar(of: byte))
            numbers[ByteString(symbol)] = Int32(index)
            numbers[ByteString(symbol + ByteSymbols.wordEnd)] = Int32(256 + index)
        }
        var pairs: [(left: Substring, right: Substring)] = []
        pairs.reserveCapacity(mergeCount)
        for (index, row) in rows.enumerated() {
            let symbols = row.split(separator: " ")
            guard symbols.count == 2, row.unicodeScalars.count <= Self.longestLine else {
                throw invalid("line \(index + 2) is not a merge of two symbols")
            }
            pairs.append((symbols[0], symbols[1]))
            // Two merges may make the same symbol; the reference knows it by its last number.
            numbers[ByteString(symbols[0] + symbols[1])] = Int32(Self.basicCount - 2 + index)
        }
        var merges: [Pair: Merge] = [:]
        merges.reserveCapacity(mergeCount)
        for (rank, pair) in pairs.enumerated() {
            guard let left = numbers[ByteString(pair.left)],
                let right = numbers[ByteString(pair.right)],
                let symbol = numbers[ByteString(pair.left + pair.right)]
            else {
                throw invalid("line \(rank + 2) merges a symbol that no other line makes")
            }
            merges[Pair(left: left, right: right)] = Merge(rank: rank, symbol: symbol)
        }
        self.merges = merges
        self.count = count
        var hash = SHA256()
        for pair in pairs { hash.update(data: Array("\(pair.left) \(pair.right)\n".utf8)) }
        fingerprint = hash.finalize().hexadecimal
    }

    /// The symbols of a word.
    ///
    /// - Parameter word: UTF-8; empty words have no symbols.
    func symbols(of word: some Collection<UInt8>) -> [Int32] {
        var symbols = word.map { Int32(ByteSymbols.index(of: $0)) }
        guard !symbols.isEmpty else { return [] }
        symbols[symbols.count - 1] += 256
        while let pair = lowestPair(in: symbols) { merge(pair, in: &symbols) }
        return symbols
    }

    /// The neighbouring symbols that the earliest merge joins; nil if there is no merge for any.
    private func lowestPair(in symbols: [Int32]) -> (pair: Pair, merge: Merge)? {
        var lowest: (pair: Pair, merge: Merge)?
        for (left, right) in zip(symbols, symbols.dropFirst()) {
            let pair = Pair(left: left, right: right)
            guard let merge = merges[pair], merge.rank < lowest?.merge.rank ?? .max else {
                continue
            }
            lowest = (pair, merge)
        }
        return lowest
    }

    /// Replaces each occurrence of a pair, from left to right.
    private func merge(_ found: (pair: Pair, merge: Merge), in symbols: inout [Int32]) {
        var merged: [Int32] = []
        merged.reserveCapacity(symbols.count)
        var index = 0
        while index < symbols.count {
            if index + 1 < symbols.count, symbols[index] == found.pair.left,
                symbols[index + 1] == found.pair.right
            {
                merged.append(found.merge.symbol)
                index += 2
            } else {
                merged.append(symbols[index])
                index += 1
            }
        }
        symbols = merged
    }
}

/// The printable characters that vocabularies write bytes as: GPT-2's `bytes_to_unicode`.
enum ByteSymbols {
    /// The mark of a symbol that ends a word.
    static let wordEnd = "</w>"

    /// The bytes in the order of their symbols: those that are printable in Latin-1 first.
    static let order: [UInt8] = {
        let printable =
            Array(UInt8(ascii: "!")...UInt8(ascii: "~")) + Array(0xA1...0xAC) + Array(0xAE...0xFF)
        let isPrintable = Set(printable)
        return printable + (0...255).filter { !isPrintable.contains($0) }
    }()

    private static let indices: [Int] = {
        var indices = [Int](repeating: 0, count: 256)
        for (index, byte) in order.enumerated() { indices[Int(byte)] = index }
        return indices
    }()

    /// The number of a byte's symbol, 0…255.
    static func index(of byte: UInt8) -> Int { indices[Int(byte)] }

    /// The character that stands for a byte: itself, or one from U+0100 on.
    static func scalar(of byte: UInt8) -> Unicode.Scalar {
        let printableCount = 188
        let index = index(of: byte)
        guard index >= printableCount else { return Unicode.Scalar(byte) }
        guard let scalar = Unicode.Scalar(UInt32(0x100 + index - printableCount)) else {
            preconditionFailure("U+0100 to U+0143 are scalars")
        }
        return scalar
    }
}
