public import Tensors

extension RewardHead {
    /// The logits of embeddings in evaluation mode: running statistics, no dropout.
    ///
    /// An embedding's logits have the same bits alone and among a thousand.
    ///
    /// - Parameter embeddings: `[n, D]`.
    /// - Returns: `[n, 2]`: z0 = generated, z1 = proxy.
    public func logits(_ embeddings: Tensor) -> Tensor {
        precondition(
            embeddings.shape.count == 2 && embeddings.shape[1] == width,
            "embeddings of shape \(embeddings.shape) for a head of width \(width)")
        let count = embeddings.shape[0]
        let hidden = layout.hiddenWidth
        let rows = LayerProducts.lanes
        let norm1 = EvaluationNorm(self, width: hidden, first: true)
        let norm2 = EvaluationNorm(self, width: width, first: false)
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
                    // [used, D] → [used, 1.5 D] → [used, D]
                    products.forward(
                        input, weights + layout.fc1Weight, into: inner.start,
                        rows: used, columns: hidden, inner: width)
                    norm1.apply(to: inner.start, rows: used)
                    products.forward(
                        inner.start, weights + layout.fc2Weight, into: outer.start,
                        rows: used, columns: width, inner: hidden)
                    norm2.apply(to: outer.start, rows: used)
                    for row in 0..<used {
                        for output in 0..<2 {
                            let out = weights + layout.outWeight + output * width
                            var sum = Double(weights[layout.outBias + output])
                            for i in 0..<width {
                                let x = outer.start[row * width + i] + input[row * width + i]
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

    /// The scores of embeddings `[n, D]`.
    public func scores(_ embeddings: Tensor) -> [Score] {
        let logits = logits(embeddings).elements
        return (0..<logits.count / 2).map {
            Score(generated: logits[2 * $0], proxy: logits[2 * $0 + 1])
        }
    }
}

/// `norm(relu(x + bias))` with running statistics: `scale · relu(x + bias) + shift`.
private struct EvaluationNorm {
    private let bias: [Float]
    private var scale: [Float] = []
    private var shift: [Float] = []

    init(_ head: RewardHead, width: Int, first: Bool) {
        let layout = head.layout
        let values = head.values
        let biasStart = first ? layout.fc1Bias : layout.fc2Bias
        bias = Array(values[biasStart..<biasStart + width])
        for i in 0..<width {
            let variance = values[(first ? layout.bn1Variance : layout.bn2Variance) + i]
            let gain = values[(first ? layout.bn1Weight : layout.bn2Weight) + i]
            let mean = values[(first ? layout.bn1Mean : layout.bn2Mean) + i]
            let offset = values[(first ? layout.bn1Bias : layout.bn2Bias) + i]
            scale.append(gain / (variance + RewardHead.epsilon).squareRoot())
            shift.append(offset - mean * scale[i])
        }
    }

    /// - Parameter x: `[rows, width]`, changed in place.
    func apply(to x: UnsafeMutablePointer<Float>, rows: Int) {
        let width = bias.count
        for row in 0..<rows {
            let x = x + row * width
            for i in 0..<width { x[i] = scale[i] * max(x[i] + bias[i], 0) + shift[i] }
        }
    }
}
