internal import CKernels

/// The packed weights of a layer of a `GroundedTextEncoder`; unlike a `Block` it normalizes after each addition.
///
/// Attention scales are folded into the query projections.
struct GroundedTextBlock: Sendable {
    /// Fused query, key and value projection, `[width, 3 · width]`.
    let queryKeyValue: LinearLayer
    let output: LinearLayer
    let norm1: LayerNorm
    /// Queries to the image.
    let crossQuery: LinearLayer
    /// Fused key and value projection of the image's tokens, `[image width, 2 · width]`.
    let crossKeyValue: LinearLayer
    let crossOutput: LinearLayer
    let crossNorm: LayerNorm
    let fc1: LinearLayer
    let fc2: LinearLayer
    let norm2: LayerNorm

    init(
        _ index: Int, _ configuration: GroundedTextConfiguration, weights: TransformerWeights,
        kernels: ganrm_kernels
    ) {
        func norm(_ role: String) -> LayerNorm {
            LayerNorm(
                "blocks.\(index).\(role)", weights: weights,
                epsilon: configuration.layerNormEpsilon)
        }
        let shape = configuration.blockShape
        let scale = 1 / Float(shape.headWidth).squareRoot()
        func layer(_ roles: String...) -> LinearLayer {
            LinearLayer(
                roles.map { role in
                    let name = "blocks.\(index).\(role)"
                    return LayerOutputs(
                        weights: weights["\(name).weight"], bias: weights.floats("\(name).bias"),
                        factors: role.hasSuffix("query")
                            ? Array(repeating: scale, count: shape.width) : nil)
                }, dtype: GANRM_F32, kernels: kernels)
        }
        queryKeyValue = layer("query", "key", "value")
        output = layer("output")
        norm1 = norm("norm1")
        crossQuery = layer("cross_query")
        crossKeyValue = layer("cross_key", "cross_value")
        crossOutput = layer("cross_output")
        crossNorm = norm("cross_norm")
        fc1 = layer("fc1")
        fc2 = layer("fc2")
        norm2 = norm("norm2")
    }
}
