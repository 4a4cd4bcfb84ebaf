/// Precomputed data for the forward pass of clips with one frame count.
struct ForwardPlan: Sendable {
    let embedding: TokenEmbedding
    /// Tokens per clip.
    let tokens: Int

    init(
        _ configuration: VisionTransformerConfiguration, weights: TransformerWeights, frames: Int
    ) throws(EncoderError) {
        embedding = try TokenEmbedding(configuration, weights: weights, frames: frames)
        tokens = configuration.tokenCount(frames: frames)
    }
}
