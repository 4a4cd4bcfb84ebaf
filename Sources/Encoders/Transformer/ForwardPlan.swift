/// Precomputed data for the forward pass of clips with one frame count and size.
struct ForwardPlan: Sendable {
    let embedding: TokenEmbedding
    /// Tokens per clip.
    let tokens: Int

    /// - Parameters:
    ///   - grid: The patches of a frame.
    ///   - slack: See `PositionInterpolation`.
    init(
        _ configuration: VisionTransformerConfiguration, _ parameters: TokenParameters, frames: Int,
        grid: PatchGrid, slack: Double = 0
    ) throws(EncoderError) {
        embedding = try TokenEmbedding(
            configuration, parameters, frames: frames, grid: grid, slack: slack)
        tokens = 1 + frames * grid.count
    }
}
