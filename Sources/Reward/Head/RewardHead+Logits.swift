public import Tensors

extension RewardHead {
    /// The logits of embeddings in evaluation mode: running statistics, no dropout.
    ///
    /// An embedding's logits are bit-identical for any batch size.
    ///
    /// - Parameter embeddings: `[n, D]`.
    /// - Returns: `[n, 2]`: z0 (generated), z1 (proxy).
    public func logits(_ embeddings: Tensor) -> Tensor {
        precondition(
            embeddings.shape.count == 2 && embeddings.shape[1] == width,
            "embeddings of shape \(embeddings.shape) for a head of width \(width)")
        let count = embeddings.shape[0]
        let hidden = layout.hiddenWidth
        let rows = LayerProducts.lanes
        let isLinear = layout.architecture == .linear
        let norm1 = isLinear ? nil : EvaluationNorm(self, width: hidden, first: true)
        let norm2 = isLinear ? nil : EvaluationNorm(self, width: width, first: false)
        let residualScale: Float = layout.architecture == .noResidual ? 0 : 1
        let products = LayerProducts(largestWidth: hidden)
        let inner = FloatBuffer(count: rows * hidden)
        let outer = FloatBuffer(count: rows * width)
        var result: [Float] = []
        result.reserveCapacity(2 * count)

        values.withUnsafeBufferPointer { values in
            embeddings.elements.withUnsafeBufferPointer { elements in
                guard let weights = values.baseAddress, let inputs = elements.baseAddress else {
                    return
                }
                for start in stride(from: 0, to: count, by: rows) {
                    let used = min(rows, count - start)
                    let input = inputs + start * width
                    // For a linear head `outer` stays 0.
                    if let norm1, let norm2 {
                        // [used, D] → [used, 1.5 D] → [used, D]
                        products.forward(
                            input, weights + layout.fc1Weight, into: inner.start,
                            rows: used, columns: hidden, inner: width)
                        norm1.apply(to: inner.start, rows: used)
                        products.forward(
                            inner.start, weights + layout.fc2Weight, into: outer.start,
                            rows: used, columns: width, inner: hidden)
                        norm2.apply(to: outer.start, rows: used)
                    }
                    for row in 0..<used {
                        for output in 0..<2 {
                            let out = weights + layout.outWeight + output * width
                            var sum = Double(weights[layout.outBias + output])
                            for i in 0..<width {
                                let x =
                                    outer.start[row * width + i]
                                    + residualScale * input[row * width + i]
                                sum += Double(x) * Double(out[i])
                            }
                            result.append(Float(sum))
                        }
                    }
                }
            }
        }
        return Tensor(shape: [count, 2], elements: result)
    }
}
