internal import CKernels

/// The packed blocks of a transformer, and the kernels that they are packed for.
struct Trunk: Sendable {
    let shape: BlockShape
    let blocks: [Block]
    /// Whether the last block pools the MLP's hidden activations rather than its output.
    ///
    /// True if the embedding is CLS and mean of the last block without a norm, and no other token
    /// is needed. `fc2` is linear, so it is applied to CLS and mean of the hidden activations
    /// instead of to every token.
    let poolsHidden: Bool
    /// The precision that the CPU level computes in.
    let arithmetic: Precision
    let kernels: ganrm_kernels

    /// Packs blocks 0 to `count - 1` in parallel.
    init(
        _ shape: BlockShape, blocks count: Int, weights: TransformerWeights, poolsHidden: Bool,
        arithmetic: Precision, kernels: ganrm_kernels, pool: WorkerPool
    ) {
        self.shape = shape
        self.poolsHidden = poolsHidden
        self.arithmetic = arithmetic
        self.kernels = kernels
        blocks = Block.pack(
            count: count, shape: shape, weights: weights, dtype: arithmetic.linearDType,
            pooled: poolsHidden, kernels: kernels, pool: pool)
    }

    /// Dtype of queries, keys, values and the MLP's hidden activations in memory.
    var activationDType: ganrm_dtype { arithmetic.activationDType }

    /// Row stride of queries, keys and values, in elements. If hidden activations are pooled, a row
    /// has space for them too: a tile writes them while other sequences still read their queries,
    /// keys and values.
    var projectionStride: Int {
        activationDType.rowStride(max(3 * shape.width, poolsHidden ? shape.hiddenWidth : 0))
    }
}
