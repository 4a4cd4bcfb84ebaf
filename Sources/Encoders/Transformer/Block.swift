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

        func outputs(_ role: String, factors: [Float]? = nil) -> LayerOutputs {
            LayerOutputs(
                weights: weights["\(name).\(role).weight"],
                bias: weights.floats("\(name).\(role).bias"), factors: factors)
        }
        func layerScale(_ role: String) -> [Float]? {
            configuration.hasLayerScale ? weights.floats("\(name).\(role).scale") : nil
        }
        let scale = 1 / Float(width / configuration.heads).squareRoot()
        queryKeyValue = LinearLayer(
            [
                outputs("query", factors: Array(repeating: scale, count: width)),
                outputs("key"), outputs("value"),
            ], inputFactors: factors1, number: number)
        output = LinearLayer([outputs("output", factors: layerScale("scale1"))], number: number)
        fc1 = LinearLayer([outputs("fc1")], inputFactors: factors2, number: number)
        fc2 = LinearLayer(
            [outputs("fc2", factors: layerScale("scale2"))], number: fc2Number, parts: Self.parts)
    }
}
