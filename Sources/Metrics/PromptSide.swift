import Encoders
import Scoring
import Store
import TextFormats
import Tokenizers

/// The prompts' side of one or more metrics: a text encoder, and the embeddings of recent prompts.
final class PromptSide {
    /// A prompt as the encoder saw it, and its embedding of length 1.
    struct Entry {
        var embedding: [Float]
        var isTruncated: Bool
        var isMisdecoded: Bool
        /// Why the embedding is of no use.
        var problem: String?
    }

    /// What a side is for.
    struct Key: Hashable {
        var encoder: String
        var tokenizer: CLIPTokenizer.Variant?
        var prefix: String
    }

    let encoder: TextEncoder
    private let prefix: String
    private let store: EmbeddingStore?
    private var entries: [ByteString: Entry] = [:]
    /// The candidates of a prompt follow each other, so few need to be kept.
    private static let capacity = 4096

    init(
        _ similarity: PromptSimilarity, encoder name: String, from files: MetricFiles?,
        loading: ModelLoader, store: EmbeddingStore?
    ) throws {
        self.store = store
        encoder = try loading.textEncoder(
            files?.encoder ?? EncoderSource(name: name), vocabulary: files?.vocabulary,
            tokenizer: similarity.tokenizer)
        prefix = similarity.prefix
    }

    /// Embeds prompts, each once.
    func entries(of prompts: some Sequence<ByteString>) throws -> [ByteString: Entry] {
        let prompts = Set(prompts)
        if entries.count > Self.capacity { entries.removeAll(keepingCapacity: true) }
        let unknown = prompts.filter { entries[$0] == nil }.sorted()
        let texts = unknown.map { prefix + $0.text }
        let embeddings =
            try store?.embeddings(of: texts, by: encoder) ?? encoder.embed(texts)
        for (prompt, found) in zip(unknown, embeddings) {
            entries[prompt] = Entry(
                embedding: unit(found.vector), isTruncated: found.tokens.isTruncated,
                isMisdecoded: found.tokens.mayBeMisdecoded, problem: encoder.problem(of: found))
        }
        return entries.filter { prompts.contains($0.key) }
    }
}
