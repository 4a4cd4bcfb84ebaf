import Encoders
import Foundation
import GRDB
import Store
import Tensors
import TestSupport
import Testing
import Tokenizers

/// Embeddings of prompts in the store, with the small text model of `fixtures/encoders/text.py`.
@Suite struct TextStoreTests {
    private let folder: TemporaryFolder
    private let prompts = ["a fox", "two foxes", "a fox"]

    init() throws { folder = try TemporaryFolder() }

    private func encoder(_ precision: Precision = .f32) throws -> TextEncoder {
        struct Golden: Decodable { var merges: [String] }
        let golden: Golden = try Fixture.decode("metrics/cosines.json")
        let vocabulary = try folder.write(
            "#version\n" + golden.merges.joined(separator: "\n") + "\n", to: "merges.txt")
        let stored = try WeightFile.open(
            Fixture.path("encoders/tiny-text-hugging-face.safetensors"))
        let pairs = stored.tensors.compactMap { name, tensor in
            name.hasPrefix("weights.") ? (String(name.dropFirst("weights.".count)), tensor) : nil
        }
        return try TextEncoder(
            name: "tiny",
            configuration: .init(
                width: 48, layers: 3, heads: 3, vocabularyCount: 530, embeddingWidth: 40),
            tokenizer: CLIPTokenizer(
                BytePairVocabulary(path: vocabulary, count: 530), variant: .openAI,
                contextLength: 77),
            weights: WeightFile(
                name: "tiny", tensors: Dictionary(uniqueKeysWithValues: pairs)),
            precision: precision, threadCount: 1)
    }

    @Test func `prompts are embedded once`() throws {
        let path = folder.path("store.sqlite")
        let encoder = try encoder()
        let store = try EmbeddingStore(path: path)
        let expected = try encoder.embed(prompts)
        #expect(try store.embeddings(of: prompts, by: encoder) == expected)
        #expect(try store.embeddings(of: prompts, by: encoder) == expected)
        #expect(try store.verify() == (2, 0))

        // Another precision is another embedding.
        let other = try self.encoder(.bf16)
        #expect(try store.embeddings(of: prompts, by: other) == other.embed(prompts))
        #expect(try store.verify() == (4, 0))
        try store.close()
    }

    @Test func `a damaged embedding is made again`() throws {
        let path = folder.path("store.sqlite")
        let encoder = try encoder()
        let expected = try encoder.embed(prompts)
        for damage in [
            "embedding = zeroblob(160)", "embedding = zeroblob(7)", "embedding = 'text'",
            "checksum = 1", "used = -1", "used = 'never'",
        ] {
            let store = try EmbeddingStore(path: path)
            _ = try store.embeddings(of: prompts, by: encoder)
            try DatabaseQueue(path: path).write { try $0.execute(sql: "UPDATE text SET \(damage)") }
            #expect(try store.embeddings(of: prompts, by: encoder) == expected, "\(damage)")
            #expect(store.lastProblem?.contains("encoded again") == true, "\(damage)")
            #expect(try store.verify() == (2, 0), "\(damage)")
            try store.close()
        }
    }

    @Test func `damage is removed, and so are old prompts`() throws {
        let path = folder.path("store.sqlite")
        let encoder = try encoder()
        let store = try EmbeddingStore(path: path)
        _ = try store.embeddings(of: prompts, by: encoder)
        try DatabaseQueue(path: path).write {
            try $0.execute(
                sql: "UPDATE text SET checksum = 1 WHERE content = (SELECT min(content) FROM text)")
        }
        #expect(try store.verify() == (1, 1))
        #expect(try store.prune(PruneRule(idleDays: 1)) == 0)
        #expect(try store.prune(PruneRule()) == 1)
        #expect(try store.verify() == (0, 0))
    }

    @Test func `a store of an earlier version gets the table`() throws {
        let path = folder.path("store.sqlite")
        try EmbeddingStore(path: path).close()
        try DatabaseQueue(path: path).write { try $0.execute(sql: "DROP TABLE text") }
        let encoder = try encoder()
        let store = try EmbeddingStore(path: path)
        _ = try store.embeddings(of: prompts, by: encoder)
        #expect(try store.verify() == (2, 0))
        #expect(store.lastProblem == nil)
    }
}
