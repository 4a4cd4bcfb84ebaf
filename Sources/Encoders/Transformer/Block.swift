internal import CKernels
internal import Synchronization

/// One transformer block's weights, packed.
///
/// The attention scale 1 / √headWidth is folded into the query projection, LayerScale into the
/// projections that end each branch.
struct Block: Sendable {
    let norm1: Norm
    /// Query, key and value at once, `[width, 3 · width]`.
    let queryKeyValue: LinearLayer
    let output: LinearLayer
    let norm2: Norm
    let fc1: LinearLayer
    /// In parts if it multiplies bytes.
    let fc2: LinearLayer

    /// Of the perceptron's inner numbers: where one is far larger than all others, as CLS has one in DINOv2, it costs
    /// the others of its part alone their precision.
    static let parts = 4

    /// Packs the first `count` blocks, shared out over all workers.
    ///
    /// - Parameter pooled: The last block's second matrix is applied to pooled numbers, so few that they
    ///   stay in f32.
    static func pack(
        count: Int, configuration: VisionTransformerConfiguration, weights: VisionWeights,
        number: ganrm_number, pooled: Bool, pool: WorkerPool
    ) -> [Block] {
        let blocks = Mutex([Block?](repeating: nil, count: count))
        pool.forEach(count) { (_, index) in
            let block = Block(
                index, configuration: configuration, weights: weights, number: number,
                fc2Number: pooled && index == count - 1 ? GANRM_F32 : number)
            blocks.withLock { $0[index] = block }
        }
        return blocks.withLock { $0.compactMap { $0 } }
    }

    private init(
        _ index: Int, configuration: VisionTransformerConfiguration, weights: VisionWeights,
        number: ganrm_number, fc2Number: ganrm_number
    ) {
        let name = "blocks.\(index)"
        let width = configuration.width
        let epsilon = configuration.layerNormEpsilon
        var norm1 = Norm("\(name).norm1", weights: weights, epsilon: epsilon)
        var norm2 = Norm("\(name).norm2", weights: weights, epsilon: epsilon)
        let factors1 = number == GANRM_INT8 ? norm1.smooth() : nil
        let factors2 = number == GANRM_INT8 ? norm2.smooth() : nil
        (self.norm1, self.norm2) = (norm1, norm2)

        let scale = 1 / Float(width / configuration.heads).squareRoot()
        var fused: [Float] = []
        fused.reserveCapacity(3 * width * width)
        fused += weights.floats("\(name).query.weight").map { $0 * scale }
        fused += weights.floats("\(name).key.weight")
        fused += weights.floats("\(name).value.weight")
        let fusedBias =
            weights.floats("\(name).query.bias").map { $0 * scale }
            + weights.floats("\(name).key.bias") + weights.floats("\(name).value.bias")
        scaleColumns(of: &fused, by: factors1)
        queryKeyValue = LinearLayer(
            weights: fused, bias: fusedBias, inner: width, number: number)

        func packed(
            _ role: String, scale: String?, columns factors: [Float]? = nil, inner: Int,
            parts: Int = 1, _ number: ganrm_number
        ) -> LinearLayer {
            var matrix = weights.floats("\(name).\(role).weight")
            var bias = weights.floats("\(name).\(role).bias")
            if let scale, configuration.hasLayerScale {
                for (row, factor) in weights.floats("\(name).\(scale).scale").enumerated() {
                    bias[row] *= factor
                    for i in row * inner..<(row + 1) * inner { matrix[i] *= factor }
                }
            }
            scaleColumns(of: &matrix, by: factors)
            return LinearLayer(
                weights: matrix, bias: bias, inner: inner, number: number, parts: parts)
        }
        output = packed("output", scale: "scale1", inner: width, number)
        fc1 = packed("fc1", scale: nil, columns: factors2, inner: width, number)
        fc2 = packed(
            "fc2", scale: "scale2", inner: configuration.hiddenWidth, parts: Self.parts, fc2Number)
    }
}

/// Multiplies column `i` of a row-major matrix by `factors[i]`.
private func scaleColumns(of matrix: inout [Float], by factors: [Float]?) {
    guard let factors else { return }
    for row in stride(from: 0, to: matrix.count, by: factors.count) {
        for (i, factor) in factors.enumerated() { matrix[row + i] *= factor }
    }
}
