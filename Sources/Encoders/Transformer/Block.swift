internal import CKernels
internal import Synchronization

/// The packed weights of one transformer block.
///
/// The attention scale 1 / √headWidth is folded into the query projection, LayerScale into the
/// last projection of each branch.
struct Block: Sendable {
    let norm1: LayerNorm
    /// Fused query, key and value projection, `[width, 3 · width]`.
    let queryKeyValue: LinearLayer
    let output: LinearLayer
    let norm2: LayerNorm
    let fc1: LinearLayer
    /// In int8 its inputs and weights have `quantizationGroups` groups.
    let fc2: LinearLayer

    /// Quantization groups of the MLP's hidden activations. An outlier, such as that of DINOv2's
    /// CLS token, costs only its own group precision.
    static let quantizationGroups = 4

    /// Packs the first `count` blocks in parallel.
    ///
    /// - Parameter pooled: Whether the last block's `fc2` is applied to pooled hidden activations.
    ///   These are so few that it stays in f32.
    static func pack(
        count: Int, shape: BlockShape, weights: TransformerWeights,
        dtype: ganrm_dtype, pooled: Bool, kernels: ganrm_kernels, pool: WorkerPool
    ) -> [Block] {
        let blocks = Mutex([Block?](repeating: nil, count: count))
        pool.forEach(count) { (_, index) in
            let block = Block(
                index, shape: shape, weights: weights, dtype: dtype,
                fc2DType: pooled && index == count - 1 ? GANRM_F32 : dtype, kernels: kernels)
            blocks.withLock { $0[index] = block }
        }
        return blocks.withLock { $0.filled() }
    }

    private init(
        _ index: Int, shape: BlockShape, weights: TransformerWeights,
        dtype: ganrm_dtype, fc2DType: ganrm_dtype, kernels: ganrm_kernels
    ) {
        let name = "blocks.\(index)"
        let width = shape.width
        let epsilon = shape.layerNormEpsilon
        var norm1 = LayerNorm("\(name).norm1", weights: weights, epsilon: epsilon)
        var norm2 = LayerNorm("\(name).norm2", weights: weights, epsilon: epsilon)
        let inputFactors1 = dtype == GANRM_INT8 ? norm1.applySmoothQuant() : nil
        let inputFactors2 = dtype == GANRM_INT8 ? norm2.applySmoothQuant() : nil
        (self.norm1, self.norm2) = (norm1, norm2)

        func outputs(_ role: String, factors: [Float]? = nil) -> LayerOutputs {
            LayerOutputs(
                weights: weights["\(name).\(role).weight"],
                bias: weights.floats("\(name).\(role).bias"), factors: factors)
        }
        func layerScale(_ role: String) -> [Float]? {
            shape.hasLayerScale ? weights.floats("\(name).\(role).scale") : nil
        }
        let scale = 1 / Float(shape.headWidth).squareRoot()
        queryKeyValue = LinearLayer(
            [
                outputs("query", factors: Array(repeating: scale, count: width)),
                outputs("key"), outputs("value"),
            ], inputFactors: inputFactors1, dtype: dtype, kernels: kernels)
        output = LinearLayer(
            [outputs("output", factors: layerScale("scale1"))], dtype: dtype, kernels: kernels)
        fc1 = LinearLayer(
            [outputs("fc1")], inputFactors: inputFactors2, dtype: dtype, kernels: kernels)
        fc2 = LinearLayer(
            [outputs("fc2", factors: layerScale("scale2"))], dtype: fc2DType,
            groups: Self.quantizationGroups, kernels: kernels)
    }
}
