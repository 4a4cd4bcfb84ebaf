/// A vision transformer's architecture: one row of data per encoder.
public struct VisionTransformerConfiguration: Sendable, Hashable, Codable {
    /// Activation function of the MLP.
    public enum Activation: String, Sendable, Hashable, Codable {
        /// x · σ(1.702 x), as in CLIP.
        case quickGELU = "quick_gelu"
        /// x · Φ(x) with the exact error function.
        case gelu
    }

    /// Side of the square input in pixels.
    public var imageSize: Int
    /// Side of a patch in pixels.
    public var patchSize: Int
    /// Width of a token.
    public var width: Int
    /// Number of transformer blocks.
    public var layers: Int
    /// Number of attention heads, a divisor of `width`.
    public var heads: Int
    /// Width of the MLP's hidden layer: 4 × width by default.
    public var hiddenWidth: Int
    public var activation: Activation
    public var layerNormEpsilon: Float
    /// Whether tokens are normalized before the first block (CLIP's `pre_layrnorm`, `ln_pre`).
    public var normalisesInput: Bool
    /// Whether the embedding is taken after the final norm (DINOv2) rather than before it (CLIP).
    public var normalisesOutput: Bool
    /// Whether the patch embedding has a bias.
    public var hasPatchBias: Bool
    /// Whether each residual branch is scaled per channel.
    public var hasLayerScale: Bool
    /// Side, in patches, of the checkpoint's grid of position embeddings; sizes other than
    /// `imageSize / patchSize` are interpolated (bicubic, a = −0.75, half-pixel centres).
    public var positionGrid: Int
    /// Frames that attend to each other, `T`: 8 for ViCLIP, 1 for an image encoder.
    public var frameCount: Int

    public init(
        imageSize: Int = 224, patchSize: Int, width: Int, layers: Int, heads: Int,
        hiddenWidth: Int? = nil, activation: Activation = .quickGELU,
        layerNormEpsilon: Float = 1e-5, normalisesInput: Bool = true,
        normalisesOutput: Bool = false, hasPatchBias: Bool = false, hasLayerScale: Bool = false,
        positionGrid: Int? = nil, frameCount: Int = 1
    ) {
        self.imageSize = imageSize
        self.patchSize = patchSize
        self.width = width
        self.layers = layers
        self.heads = heads
        self.hiddenWidth = hiddenWidth ?? 4 * width
        self.activation = activation
        self.layerNormEpsilon = layerNormEpsilon
        self.normalisesInput = normalisesInput
        self.normalisesOutput = normalisesOutput
        self.hasPatchBias = hasPatchBias
        self.hasLayerScale = hasLayerScale
        self.positionGrid = positionGrid ?? imageSize / patchSize
        self.frameCount = frameCount
    }

    /// Patches per side of a frame.
    public var grid: Int { imageSize / patchSize }

    /// Width of a head's query, key or value.
    var headWidth: Int { width / heads }

    /// Elements of a patch: 3 · p².
    var patchLength: Int { 3 * patchSize * patchSize }

    /// Tokens of a clip of `frames` frames that attend to each other: `1 + T·N`.
    public func tokenCount(frames: Int) -> Int { 1 + frames * grid * grid }
}
