internal import CKernels
internal import Foundation
public import Tensors

/// The last step of a tower of CLIP: a layer norm and a linear layer without bias, from a token to the embedding that
/// images and texts share.
///
/// It is computed in float32 whatever the precision of the tower; it takes one row per image or text.
public final class EmbeddingProjection: Sendable {
    /// Width of the token.
    public let inputWidth: Int
    /// Width of the embedding.
    public let embeddingWidth: Int

    /// exp of the model's `logit_scale`, by which it multiplies cosines; nil if the file has none.
    public let logitScale: Double?

    private let norm: LayerNorm
    private let layer: LinearLayer
    private let kernels: ganrm_kernels

    /// The projection of a vision transformer's CLS token after its last block.
    ///
    /// - Parameters:
    ///   - configuration: That of the vision transformer.
    ///   - embeddingWidth: Width of the embedding.
    /// - Throws: `EncoderError` naming missing or misshapen tensors.
    public convenience init(
        vision configuration: VisionTransformerConfiguration, embeddingWidth: Int,
        weights: WeightFile
    ) throws(EncoderError) {
        guard let scheme = WeightScheme.recognise(weights.tensors.keys, among: WeightScheme.vision)
        else {
            throw .unknownWeightScheme(file: weights.name)
        }
        let shapes = [
            "output_norm.weight": [configuration.width], "output_norm.bias": [configuration.width],
            "projection": [embeddingWidth, configuration.width],
        ]
        let scale = scheme.source(of: "logit_scale").names.lazy.compactMap { weights.tensors[$0] }
            .first
        self.init(
            try TransformerWeights(weights, shapes: shapes, scheme: scheme, isWhole: false),
            epsilon: configuration.layerNormEpsilon, kernels: ganrm_kernels_in_use().pointee,
            logitScale: scale.flatMap { $0.elementCount == 1 ? exp(Double($0.floats()[0])) : nil })
    }

    /// - Parameter weights: With the tensors `output_norm.weight`, `output_norm.bias` and `projection`.
    init(
        _ weights: TransformerWeights, epsilon: Float, kernels: ganrm_kernels,
        logitScale: Double? = nil
    ) {
        self.logitScale = logitScale
        norm = LayerNorm("output_norm", weights: weights, epsilon: epsilon)
        let projection = weights["projection"]
        (embeddingWidth, inputWidth) = (projection.shape[0], projection.shape[1])
        layer = LinearLayer(
            [LayerOutputs(weights: projection, bias: Array(repeating: 0, count: embeddingWidth))],
            dtype: GANRM_F32, kernels: kernels)
        self.kernels = kernels
    }

    /// The embeddings of tokens, `[inputWidth]` → `[embeddingWidth]`; not normalized.
    public func embeddings(of tokens: [[Float]]) -> [[Float]] {
        tokens.map { token in
            precondition(token.count == inputWidth, "a token of another width")
            var normalized = token
            return [Float](unsafeUninitializedCapacity: embeddingWidth) { output, count in
                normalized.withUnsafeMutableBufferPointer { row in
                    guard let row = row.baseAddress, let output = output.baseAddress else { return }
                    norm(row, count: 1, into: row, kernels: kernels)
                    layer(
                        LayerInput(base: row, count: 1, stride: 4 * inputWidth), into: output,
                        GANRM_STORE_F32, kernels: kernels)
                }
                count = embeddingWidth
            }
        }
    }
}
