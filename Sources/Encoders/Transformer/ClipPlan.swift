/// Everything prepared for clips of one frame count.
struct ClipPlan: Sendable {
    let embedding: TokenEmbedding
    /// Per clip.
    let tokens: Int
    /// For attention: queries per task.
    let queryTiles: Tiles

    init(
        _ configuration: VisionTransformerConfiguration, weights: VisionWeights, frames: Int
    ) throws(EncoderError) {
        embedding = try TokenEmbedding(configuration, weights: weights, frames: frames)
        tokens = configuration.tokenCount(frames: frames)
        queryTiles = Tiles(tokens, target: 1024)
    }
}
