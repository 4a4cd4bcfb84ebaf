/// The architecture of a transformer's blocks, which vision and text transformers share:
/// `x + attention(norm(x))`, then `x + mlp(norm(x))`.
struct BlockShape: Sendable, Hashable {
    /// Width of a token.
    var width: Int
    /// Number of attention heads, a divisor of `width`.
    var heads: Int
    /// Width of the MLP's hidden layer.
    var hiddenWidth: Int
    var activation: VisionTransformerConfiguration.Activation
    var layerNormEpsilon: Float
    /// Whether each residual branch is scaled per channel.
    var hasLayerScale: Bool
    /// Whether a token attends only to itself and the tokens before it.
    var isCausal: Bool

    /// Width of a head's query, key or value.
    var headWidth: Int { width / heads }

    /// Shapes of the tensors of blocks 0 to `count - 1`, by canonical name.
    func weightShapes(blocks count: Int) -> [String: [Int]] {
        var shapes: [String: [Int]] = [:]
        for index in 0..<count {
            let block = "blocks.\(index)"
            let linear = [
                ("query", width, width), ("key", width, width), ("value", width, width),
                ("output", width, width), ("fc1", hiddenWidth, width), ("fc2", width, hiddenWidth),
            ]
            for (role, outputs, inputs) in linear {
                shapes["\(block).\(role).weight"] = [outputs, inputs]
                shapes["\(block).\(role).bias"] = [outputs]
            }
            for norm in ["norm1", "norm2"] {
                shapes["\(block).\(norm).weight"] = [width]
                shapes["\(block).\(norm).bias"] = [width]
            }
            if hasLayerScale {
                shapes["\(block).scale1.scale"] = [width]
                shapes["\(block).scale2.scale"] = [width]
            }
        }
        return shapes
    }
}

extension VisionTransformerConfiguration {
    var blockShape: BlockShape {
        BlockShape(
            width: width, heads: heads, hiddenWidth: hiddenWidth, activation: activation,
            layerNormEpsilon: layerNormEpsilon, hasLayerScale: hasLayerScale, isCausal: false)
    }
}
