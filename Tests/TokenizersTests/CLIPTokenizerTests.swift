import Files
import Foundation
import Testing
import TestSupport
import Tokenizers

/// Symbols of texts, compared with openai/CLIP, open_clip and transformers; values by `fixtures/tokenizers/tokens.py`.
@Suite struct CLIPTokenizerTests {
    /// A text and its symbols; nil where they are those of openai/CLIP.
    struct Row: Decodable {
        var text: String
        var openai: [Int32]
        var openClip: [Int32]?
        var huggingFace: [Int32]?

        func expected(_ variant: CLIPTokenizer.Variant) -> [Int32] {
            switch variant {
            case .openAI: openai
            case .openCLIP: openClip ?? openai
            case .huggingFace: huggingFace ?? openai
            }
        }
    }

    static let vocabulary = Result { try BytePairVocabulary(path: Fixture.vocabulary) }

    @Test(arguments: CLIPTokenizer.Variant.allCases)
    func `symbols are those of the reference`(variant: CLIPTokenizer.Variant) throws {
        let tokenizer = CLIPTokenizer(try Self.vocabulary.get(), variant: variant)
        let rows: [Row] = try Fixture.decode("tokenizers/tokens.json")
        #expect(rows.count > 1000)
        for row in rows {
            let tokens = tokenizer.tokens(of: row.text)
            // ftfy repairs what was decoded wrongly, which is said instead.
            if tokens.mayBeMisdecoded { continue }
            #expect(tokens.ids == row.expected(variant), "\(row.text.debugDescription)")
        }
    }

    @Test func `few texts are said to be decoded wrongly`() throws {
        let tokenizer = CLIPTokenizer(try Self.vocabulary.get(), variant: .openAI)
        for text in ["cafÃ© in MÃ¼nchen", "donâ€™t", "Ã°Å¸Â¦Å ", "naÃ¯ve fox"] {
            #expect(tokenizer.tokens(of: text).mayBeMisdecoded, "\(text)")
        }
        for text in [
            "café in München", "don’t", "🦊", "naïve fox", "«déjà vu» – 5 €", "a photo of a fox",
        ] {
            #expect(!tokenizer.tokens(of: text).mayBeMisdecoded, "\(text)")
        }
        let rows: [Row] = try Fixture.decode("tokenizers/tokens.json")
        let flagged = rows.count { tokenizer.tokens(of: $0.text).mayBeMisdecoded }
        // Most of them are random characters of Latin and its marks.
        #expect(flagged < rows.count / 10)
    }

    @Test(arguments: [2, 32, 35, 77])
    func `long texts are cut and end with the end`(contextLength: Int) throws {
        let vocabulary = try Self.vocabulary.get()
        let tokenizer = CLIPTokenizer(vocabulary, variant: .openAI, contextLength: contextLength)
        let long = tokenizer.tokens(of: String(repeating: "fox ", count: 100))
        #expect(long.ids == [49406] + Array(repeating: 3240, count: contextLength - 2) + [49407])
        #expect(long.isTruncated)
        let full = tokenizer.tokens(of: String(repeating: "fox ", count: contextLength - 2))
        #expect(full.ids == long.ids)
        #expect(!full.isTruncated)
    }

    @Test func `any text takes bounded time`() throws {
        let tokenizer = CLIPTokenizer(try Self.vocabulary.get(), variant: .openAI)
        for text in ["&amp;", "a", "&", "\u{1B}[", "é", "&#1", "'", "ÃÂ"] {
            let long = String(repeating: text, count: 1 << 20)
            #expect(tokenizer.tokens(of: long).isTruncated)
        }
        #expect(tokenizer.tokens(of: "&" + String(repeating: "amp;", count: 1 << 18)).isTruncated)
    }

    // MARK: Vocabularies

    @Test func `both kinds of vocabulary files have the same symbols`() throws {
        let folder = try TemporaryFolder()
        let vocabulary = try Self.vocabulary.get()
        let merges = folder.path("merges.txt")
        // `merges.txt` of the hub ends with the last merge that is used.
        let lines = try Self.lines(of: Fixture.vocabulary)
        try (["#version: 0.2"] + lines[1...48894]).joined(separator: "\n").appending("\n")
            .write(toFile: merges, atomically: true, encoding: .utf8)
        let other = try BytePairVocabulary(path: merges)
        #expect(other.fingerprint == vocabulary.fingerprint)
        #expect((vocabulary.start, vocabulary.end) == (49406, 49407))
        #expect(
            CLIPTokenizer(other, variant: .openAI).tokens(of: "a photo of a fox").ids
                == [49406, 320, 1125, 539, 320, 3240, 49407])
    }

    @Test func `files that are no vocabulary are refused`() throws {
        let folder = try TemporaryFolder()
        let lines = try Self.lines(of: Fixture.vocabulary)
        let gzip = try Data(contentsOf: URL(filePath: Fixture.vocabulary))
        var flipped = gzip
        flipped[flipped.count / 2] ^= 0x10
        let files: [(name: String, data: Data)] = [
            ("empty", Data()),
            ("short", Data(lines[..<48894].joined(separator: "\n").utf8)),
            (
                "one word",
                Data((lines[..<100] + ["word"] + lines[101...49000]).joined(separator: "\n").utf8)
            ),
            (
                "unknown symbol",
                Data((lines[..<100] + ["zqx qq"] + lines[101...49000]).joined(separator: "\n").utf8)
            ),
            ("not UTF-8", Data([0x0A, 0xC3, 0x28])),
            ("cut off", gzip.prefix(gzip.count / 2)), ("flipped", flipped),
            ("gzip header", gzip.prefix(8)),
            ("huge", Data(repeating: 0x0A, count: 17 << 20)),
        ]
        for file in files {
            let path = folder.path(file.name)
            try file.data.write(to: URL(filePath: path))
            #expect(throws: TokenizerError.self, "\(file.name)") {
                try BytePairVocabulary(path: path)
            }
        }
        #expect(throws: TokenizerError.self) {
            try BytePairVocabulary(path: folder.path("missing"))
        }
    }

    private static func lines(of path: String) throws -> [Substring] {
        let data = try Data(contentsOf: URL(filePath: path))
        let bytes = try #require(Inflation.contents(of: data, from: .gzip, limit: 16 << 20))
        let text = String(decoding: bytes, as: UTF8.self)
        return text.split(separator: "\n", omittingEmptySubsequences: false)
    }
}
