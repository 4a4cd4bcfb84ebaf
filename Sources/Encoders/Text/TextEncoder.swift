public import Tensors
public import Tokenizers

/// A frozen text encoder: maps prompts to embeddings in the space of an image or video encoder's.
///
/// The embedding of a prompt is bit-identical for any batch and thread count.
public final class TextEncoder: Sendable {
    public let name: String
    public let tokenizer: CLIPTokenizer
    public let precision: Precision
    /// SHA-256 of architecture and weights, in hexadecimal; see `Encoder.fingerprint`.
    public let fingerprint: String

    private let transformer: TextTransformer

    /// - Parameters:
    ///   - name: The name in the catalogue, or one chosen by the user.
    ///   - threadCount: Number of compute threads, 1 to 1024.
    /// - Throws: `EncoderError`; `.invalidConfiguration` if the tokenizer has another vocabulary or context length than
    ///   the transformer.
    public init(
        name: String, configuration: TextTransformerConfiguration, tokenizer: CLIPTokenizer,
        weights: WeightFile,
        precision: Precision, threadCount: Int
    ) throws(EncoderError) {
        guard tokenizer.vocabulary.count == configuration.vocabularyCount,
            tokenizer.contextLength == configuration.contextLength
        else {
            throw .invalidConfiguration(
                reason: """
                    the tokenizer has \(tokenizer.vocabulary.count) symbols and a context of \
                    \(tokenizer.contextLength), the text transformer \(configuration.vocabularyCount) and \
                    \(configuration.contextLength)
                    """)
        }
        transformer = try TextTransformer(
            configuration: configuration, weights: weights, precision: precision,
            threadCount: threadCount)
        fingerprint = try EncoderFingerprint.compute(configuration, weights: weights)
        self.name = name
        self.tokenizer = tokenizer
        self.precision = precision
    }

    /// The identity of this encoder; embeddings of equal identities are comparable.
    public var identity: TextEncoderIdentity {
        TextEncoderIdentity(
            name: name, fingerprint: fingerprint, tokenizer: tokenizer.variant,
            vocabulary: tokenizer.vocabulary.fingerprint, contextLength: tokenizer.contextLength,
            embeddingWidth: transformer.configuration.embeddingWidth)
    }

    /// Embeds prompts.
    ///
    /// - Returns: One embedding per prompt, in order, not normalized.
    public func embed(_ prompts: [String]) throws(EncoderError) -> [TextEmbedding] {
        try embed(prompts.map { tokenizer.tokens(of: $0) })
    }

    /// Embeds prompts that the tokenizer has split.
    package func embed(_ tokens: [TokenizedText]) throws(EncoderError) -> [TextEmbedding] {
        zip(try transformer.embed(tokens.map(\.ids)), tokens).map {
            TextEmbedding(vector: $0, tokens: $1)
        }
    }

    /// Why an embedding is of no use; nil if its values are finite.
    package func problem(of embedding: TextEmbedding) -> String? {
        Encoder.problem(of: embedding.vector, name: name, precision: precision)
    }
}

/// The embedding of a prompt.
public struct TextEmbedding: Sendable, Hashable {
    /// `[embeddingWidth]`, not normalized.
    public let vector: [Float]
    /// What the encoder saw of the prompt.
    public let tokens: TokenizedText

    package init(vector: [Float], tokens: TokenizedText) {
        self.vector = vector
        self.tokens = tokens
    }
}

/// Everything that the embedding of a prompt depends on, besides the precision.
public struct TextEncoderIdentity: Codable, Sendable, Hashable {
    /// Name for display; several names may have the same fingerprint.
    public var name: String
    /// SHA-256 of the transformer's configuration and weights, in hexadecimal.
    public var fingerprint: String
    public var tokenizer: CLIPTokenizer.Variant
    /// SHA-256 of the vocabulary's merges, in hexadecimal.
    public var vocabulary: String
    /// The most symbols of a prompt, those for start and end included.
    public var contextLength: Int
    public var embeddingWidth: Int
}
