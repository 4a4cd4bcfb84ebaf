public import Tensors

extension RewardHead {
    /// Rows per matrix product. Every product has this many, the last one padded with zeros, so that
    /// an embedding's logits have the same bits alone and among a thousand.
    private static let blockRows = 32

    /// The logits of embeddings in evaluation mode: running statistics, no dropout.
    ///
    /// - Parameter embeddings: `[n, D]`.
    /// - Returns: `[n, 2]`: z0 = generated, z1 = proxy.
    public func logits(_ embeddings: Tensor) -> Tensor {
        precondition(
            embeddings.shape.count == 2 && embeddings.shape[1] == width,
            "embeddings of shape \(embeddings.shape) for a head of width \(width)")
        let count = embeddings.shape[0]
        let hidden = layout.hiddenWidth
        let rows = Self.blockRows
        let norm1 = EvaluationNorm(self, width: hidden, first: true)
        let norm2 = EvaluationNorm(self, width: width, first: false)
        var input = [Float](repeating: 0, count: rows * width)
        var inner = [Float](repeating: 0, count: rows * hidden)
        var outer = [Float](repeating: 0, count: rows * width)
        var result: [Float] = []
        result.reserveCapacity(2 * count)

        values.withUnsafeBufferPointer { values in
            guard let weights = values.baseAddress else { return }
            for start in stride(from: 0, to: count, by: rows) {
                let used = min(rows, count - start)
                for i in 0..<used * width { input[i] = embeddings.elements[start * width + i] }
                for i in used * width..<rows * width { input[i] = 0 }
                // [rows, D] → [rows, 1.5 D] → [rows, D]
                LinearAlgebra.multiplyTransposed(
                    input, weights + layout.fc1Weight, into: &inner,
                    rows: rows, columns: hidden, inner: width)
                norm1.apply(to: &inner)
                LinearAlgebra.multiplyTransposed(
                    inner, weights + layout.fc2Weight, into: &outer,
                    rows: rows, columns: width, inner: hidden)
                norm2.apply(to: &outer)
                for row in 0..<used {
                    for output in 0..<2 {
                        let out = weights + layout.outWeight + output * width
                        var sum = Double(weights[layout.outBias + output])
                        for i in 0..<width {
                            let x = outer[row * width + i] + input[row * width + i]
                            sum += Double(x) * Double(out[i])
                        }
                        result.append(Float(sum))
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

    /// - Parameter rows: `[rows, width]`, changed in place.
    func apply(to rows: inout [Float]) {
        let width = bias.count
        for start in stride(from: 0, to: rows.count, by: width) {
            for i in 0..<width {
                rows[start + i] = scale[i] * max(rows[start + i] + bias[i], 0) + shift[i]
            }
        }
    }
}
