public import Encoders
import Foundation
import Scoring
import Tensors
import TextFormats
import Tokenizers

/// Embeddings of prompts in a safetensors file: what `encode --text` writes.
///
/// In the file, tensor `embeddings` is F32, `[n, width]`, one row per prompt, not normalized; `tokens` is I32,
/// `[n, context]`, the symbols of each prompt with −1 behind the last. The metadata are JSON: `prompts` is an array of one
/// object per row, `text_encoder` the identity of the encoder.
public struct PromptEmbeddings: Sendable {
    public let encoder: TextEncoderIdentity
    public let precision: Precision
    public private(set) var prompts: [String] = []
    /// One per prompt, in order.
    public private(set) var embeddings: [TextEmbedding] = []

    public init(encoder: TextEncoderIdentity, precision: Precision) {
        self.encoder = encoder
        self.precision = precision
    }

    public mutating func append(_ embedding: TextEmbedding, prompt: String) {
        prompts.append(prompt)
        embeddings.append(embedding)
    }

    /// - Throws: `TensorError.file`.
    public func write(to path: String) throws {
        let vectors = StoredTensor(
            embeddings.flatMap(\.vector), shape: [embeddings.count, encoder.embeddingWidth])
        let tokens = embeddings.flatMap { embedding in
            let ids = embedding.tokens.ids
            return ids + Array(repeating: -1, count: encoder.contextLength - ids.count)
        }
        let rows = zip(prompts, embeddings).map { prompt, embedding in
            JSONValue.object(
                [.init("prompt", .string(prompt))]
                    + (embedding.tokens.isTruncated ? [.init("truncated", .bool(true))] : [])
                    + (embedding.tokens.mayBeMisdecoded ? [.init("misdecoded", .bool(true))] : []))
        }
        try Safetensors.write(
            stored: [
                "embeddings": vectors,
                "tokens": StoredTensor(tokens, shape: [embeddings.count, encoder.contextLength]),
            ],
            metadata: [
                "prompts": JSONValue.array(rows).description,
                "text_encoder": String(
                    decoding: try JSONEncoder.sorted.encode(encoder), as: UTF8.self),
                "precision": precision.rawValue, "version": ganrmVersion,
            ], to: path)
    }
}
