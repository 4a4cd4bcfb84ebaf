import Encoders
import Scoring
import Tokenizers

/// BLIP's text encoder, and how prompts are split for it.
struct GroundedTextReader {
    let encoder: GroundedTextEncoder
    let tokenizer: WordPieceTokenizer

    /// - Throws: `CatalogueError`, `TokenizerError`, `EncoderError`.
    init(_ source: EncoderSource, vocabulary: String?, loading: ModelLoader) throws {
        (encoder, tokenizer) = try loading.groundedTextEncoder(source, vocabulary: vocabulary)
    }

    /// What tells it from others.
    var identity: String { "\(encoder.fingerprint) \(tokenizer.vocabulary.fingerprint)" }
}
