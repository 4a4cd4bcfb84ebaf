internal import CKernels

/// A text transformer's architecture: CLIP's or ViCLIP's.
public struct TextTransformerConfiguration: Sendable, Hashable, Codable {
    /// Width of a token.
    public var width: Int
    /// Number of transformer blocks.
    public var layers: Int
    /// Number of attention heads, a divisor of `width`.
    public var heads: Int
    /// Width of the MLP's hidden layer: 4 × width by default.
    public var hiddenWidth: Int
    public var activation: VisionTransformerConfiguration.Activation
    public var layerNormEpsilon: Float
    /// The most symbols of a text, those for start and end included: 77, or 32 for ViCLIP.
    public var contextLength: Int
    /// Number of symbols.
    public var vocabularyCount: Int
    /// Width of the embedding, which images and texts share.
    public var embeddingWidth: Int

    public init(
        width: Int, layers: Int = 12, heads: Int, hiddenWidth: Int? = nil,
        activation: VisionTransformerConfiguration.Activation = .quickGELU,
        layerNormEpsilon: Float = 1e-5,
        contextLength: Int = 77, vocabularyCount: Int = 49408, embeddingWidth: Int
    ) {
        self.width = width
        self.layers = layers
        self.heads = heads
        self.hiddenWidth = hiddenWidth ?? 4 * width
        self.activation = activation
        self.layerNormEpsilon = layerNormEpsilon
        self.contextLength = contextLength
        self.vocabularyCount = vocabularyCount
        self.embeddingWidth = embeddingWidth
    }

    var blockShape: BlockShape {
        BlockShape(
            width: width, heads: heads, hiddenWidth: hiddenWidth, activation: activation,
            layerNormEpsilon: layerNormEpsilon, hasLayerScale: false, isCausal: true)
    }

    /// Shapes of the transformer's tensors by canonical name.
    var weightShapes: [String: [Int]] {
        let own = [
            "tokens": [vocabularyCount, width], "positions": [contextLength, width],
            "output_norm.weight": [width], "output_norm.bias": [width],
            "projection": [embeddingWidth, width],
        ]
        return own.merging(blockShape.weightShapes(blocks: layers)) { own, _ in own }
    }

    /// Checks a configuration, which may come from a file.
    ///
    /// - Throws: `EncoderError.invalidConfiguration`.
    func validate() throws(EncoderError) {
        try blockShape.validate()
        let counts = [
            ("text layers", layers, 1...1 << 12),
            ("context length", contextLength, 2...Int(GANRM_CAUSAL_TOKENS)),
            ("vocabulary", vocabularyCount, 514...1 << 20),
            ("embedding width", embeddingWidth, 1...1 << 16),
        ]
        for (name, count, range) in counts where !range.contains(count) {
            throw .invalidConfiguration(
                reason: "\(name) \(count) is not in \(range.lowerBound)…\(range.upperBound)")
        }
    }
}
