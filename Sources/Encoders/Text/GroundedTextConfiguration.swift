/// The architecture of BLIP's image-grounded text encoder: BERT whose layers also attend to the tokens of an image.
///
/// Source: salesforce/BLIP `models/med.py`, `configs/med_config.json`.
public struct GroundedTextConfiguration: Sendable, Hashable, Codable {
    /// Width of a token.
    public var width: Int
    /// Number of layers.
    public var layers: Int
    /// Number of attention heads, a divisor of `width`.
    public var heads: Int
    /// Width of the MLP's hidden layer: 4 × width by default.
    public var hiddenWidth: Int
    public var layerNormEpsilon: Float
    /// The most symbols of a text, those for start and end included.
    public var contextLength: Int
    /// Rows of the embedding of positions, at least `contextLength`.
    public var positionCount: Int
    /// Number of symbols that the model embeds. A vocabulary may have fewer: BLIP adds two.
    public var vocabularyCount: Int
    /// Width of the image's tokens.
    public var imageWidth: Int

    public init(
        width: Int = 768, layers: Int = 12, heads: Int = 12, hiddenWidth: Int? = nil,
        layerNormEpsilon: Float = 1e-12, contextLength: Int = 35, positionCount: Int = 512,
        vocabularyCount: Int = 30524, imageWidth: Int
    ) {
        self.width = width
        self.layers = layers
        self.heads = heads
        self.hiddenWidth = hiddenWidth ?? 4 * width
        self.layerNormEpsilon = layerNormEpsilon
        self.contextLength = contextLength
        self.positionCount = positionCount
        self.vocabularyCount = vocabularyCount
        self.imageWidth = imageWidth
    }

    var blockShape: BlockShape {
        BlockShape(
            width: width, heads: heads, hiddenWidth: hiddenWidth, activation: .gelu,
            layerNormEpsilon: layerNormEpsilon, hasLayerScale: false, isCausal: false)
    }

    /// Shapes of the encoder's tensors by canonical name.
    var weightShapes: [String: [Int]] {
        var shapes = [
            "tokens": [vocabularyCount, width], "positions": [positionCount, width],
            "input_norm.weight": [width], "input_norm.bias": [width],
        ]
        for layer in 0..<layers {
            let block = "blocks.\(layer)"
            for (role, inputs) in [
                ("query", width), ("key", imageWidth), ("value", imageWidth), ("output", width),
            ] {
                shapes["\(block).cross_\(role).weight"] = [width, inputs]
                shapes["\(block).cross_\(role).bias"] = [width]
            }
            shapes["\(block).cross_norm.weight"] = [width]
            shapes["\(block).cross_norm.bias"] = [width]
        }
        return shapes.merging(blockShape.weightShapes(blocks: layers)) { own, _ in own }
    }

    /// Checks a configuration, which may come from a file.
    ///
    /// - Throws: `EncoderError.invalidConfiguration`.
    func validate() throws(EncoderError) {
        try blockShape.validate()
        let counts = [
            ("text layers", layers, 1...1 << 12),
            ("context length", contextLength, 2...1 << 12),
            ("number of positions", positionCount, 2...1 << 16),
            ("vocabulary", vocabularyCount, 5...1 << 20),
            ("image width", imageWidth, 4...1 << 16),
        ]
        for (name, count, range) in counts where !range.contains(count) {
            throw .invalidConfiguration(
                reason: "\(name) \(count) is not in \(range.lowerBound)…\(range.upperBound)")
        }
        guard positionCount >= contextLength else {
            throw .invalidConfiguration(
                reason: "a context of \(contextLength) symbols has \(positionCount) positions")
        }
        guard imageWidth.isMultiple(of: 4) else {
            throw .invalidConfiguration(reason: "image width \(imageWidth) is no multiple of 4")
        }
    }
}
