/// The weights of token embeddings that do not depend on the size of frames.
struct TokenParameters: Sendable {
    /// The CLS token's embedding, `[width]`.
    let classToken: [Float]
    /// Positions of the CLS token and of the patches, `[1 + positionGrid², width]`.
    let positions: [Float]
    /// Bias of the patch embedding, `[width]`; zeros if it has none.
    let patchBias: [Float]
    /// `[frameCount, width]`; zeros for an image encoder.
    let temporalPositions: [Float]

    init(_ configuration: VisionTransformerConfiguration, weights: TransformerWeights) {
        let zeros = [Float](repeating: 0, count: configuration.width)
        classToken = weights.floats("class_token")
        positions = weights.floats("positions")
        patchBias = configuration.hasPatchBias ? weights.floats("patches.bias") : zeros
        temporalPositions =
            configuration.frameCount > 1 ? weights.floats("temporal_positions") : zeros
    }
}
