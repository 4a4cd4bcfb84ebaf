import Foundation
import Testing
import TestSupport
import Tokenizers

/// Symbols of texts, compared with transformers' `BertTokenizer`; values by `fixtures/metrics/imagereward.py`.
@Suite struct WordPieceTokenizerTests {
    private struct Golden: Decodable {
        struct Row: Decodable {
            var text: String
            var symbols: [Int32]
        }

        var pieces: [String]
        var texts: [Row]
    }

    private let folder: TemporaryFolder
    private let golden: Golden

    init() throws {
        folder = try TemporaryFolder()
        golden = try Fixture.decode("metrics/imagereward.json")
    }

    private func vocabulary(
        _ pieces: [String]? = nil, count: Int? = nil, ending: String = "\n"
    ) throws -> WordPieceVocabulary {
        let pieces = pieces ?? golden.pieces
        let path = try folder.write(
            pieces.map { $0 + ending }.joined(), to: "\(pieces.count)-\(ending.count).txt")
        return try WordPieceVocabulary(path: path, count: count ?? pieces.count + 2)
    }

    @Test(arguments: ["\n", "\r\n"])
    func `symbols are those of the reference`(ending: String) throws {
        let tokenizer = WordPieceTokenizer(
            try vocabulary(ending: ending), contextLength: 35)
        #expect(golden.texts.count > 300)
        for row in golden.texts {
            let tokens = tokenizer.tokens(of: row.text)
            #expect(tokens.ids == row.symbols, "\(row.text.debugDescription)")
            #expect(tokens.ids.count == 35 || !tokens.isTruncated)
        }
        #expect(try vocabulary().fingerprint == vocabulary(ending: "\r\n").fingerprint)
    }

    @Test func `long texts are cut, and end with the end`() throws {
        let tokenizer = WordPieceTokenizer(try vocabulary(), contextLength: 5)
        let fox = tokenizer.tokens(of: "fox").ids[1]
        let cut = tokenizer.tokens(of: "fox fox fox fox")
        #expect(cut.ids == [2, fox, fox, fox, 3] && cut.isTruncated)
        #expect(!tokenizer.tokens(of: "fox fox fox").isTruncated)
        // A megabyte takes no longer than what is read of it.
        #expect(tokenizer.tokens(of: String(repeating: "x", count: 1 << 20)).isTruncated)
    }

    @Test func `a vocabulary of another model is refused`() throws {
        #expect(throws: TokenizerError.self) { try vocabulary(count: golden.pieces.count) }
        for name in ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] {
            #expect(throws: TokenizerError.self) {
                try vocabulary(golden.pieces.map { $0 == name ? "x" : $0 })
            }
        }
        for added in [
            "fox", "", "two words", "nul\u{0}", "[DEC]", String(repeating: "x", count: 101),
        ] {
            #expect(throws: TokenizerError.self) { try vocabulary(golden.pieces + [added]) }
        }
        #expect(throws: Never.self) { try vocabulary(golden.pieces + ["another"]) }
    }
}
