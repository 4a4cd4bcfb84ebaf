import Reward
import Statistics

/// Forward and backward pass of a head over one step's examples, without allocations.
///
/// Weights do not change between the batches of a step, so all batches go through each matrix
/// product together; only the norms treat batches separately. The gradients of the two large
/// matrices are left as the factors that `AdamW` multiplies.
final class HeadGradient {
    private let layout: HeadLayout
    let rows: Int
    /// Number of rows that the mean loss is taken over.
    private let labelledRows: Int
    private let norm1: BatchNorm
    private let norm2: BatchNorm
    /// Embeddings, `[rows, D]`.
    let input: FloatBuffer
    /// Labels, `[rows]`.
    let labels: FloatBuffer
    /// Weight of each example's classification loss, `[rows]`; 0 for rows used only in `pairs`.
    let weights: FloatBuffer
    /// Row pairs of the ranking loss: the better one's logit should exceed the worse one's.
    var pairs: [(better: Int, worse: Int)] = []
    /// Weight of the mean ranking loss of `pairs`.
    private let pairWeight: Double
    /// z1 − z0 of each row.
    private var logits: [Double]
    /// Gradient of the loss with respect to `logits`.
    private var logitGradients: [Double]
    /// Input of the second layer, `[rows, 1.5 D]`.
    let inner: FloatBuffer
    /// Gradient with respect to the first layer's output, `[rows, 1.5 D]`.
    let innerGradient: FloatBuffer
    /// Dropout mask, `[rows, 1.5 D]`: 0 or 1 / (1 − dropout).
    private let mask: FloatBuffer
    /// Input of the last layer, `[rows, D]`; after the pass, the gradient with respect to the
    /// second layer's output.
    let outer: FloatBuffer
    /// Gradients of `layout.small`, in its order.
    let small: FloatBuffer
    private let products: LayerProducts

    /// - Parameter labelled: Rows per batch with a classification loss; others are in `pairs` only.
    init(
        layout: HeadLayout, batchSize: Int, labelled: Int? = nil, batches: Int,
        pairWeight: Double = 0
    ) {
        self.layout = layout
        self.pairWeight = pairWeight
        rows = batchSize * batches
        labelledRows = (labelled ?? batchSize) * batches
        logits = Array(repeating: 0, count: rows)
        logitGradients = Array(repeating: 0, count: rows)
        let normalizes = layout.architecture != .noNorm
        norm1 = BatchNorm(
            width: layout.hiddenWidth, batchSize: batchSize, batches: batches,
            normalizes: normalizes)
        norm2 = BatchNorm(
            width: layout.width, batchSize: batchSize, batches: batches, normalizes: normalizes)
        weights = FloatBuffer(copying: Array(repeating: 1, count: rows))
        input = FloatBuffer(count: rows * layout.width)
        labels = FloatBuffer(count: rows)
        inner = FloatBuffer(count: rows * layout.hiddenWidth)
        innerGradient = FloatBuffer(count: rows * layout.hiddenWidth)
        mask = FloatBuffer(count: rows * layout.hiddenWidth)
        outer = FloatBuffer(count: rows * layout.width)
        small = FloatBuffer(count: layout.small.count)
        products = LayerProducts(largestWidth: layout.hiddenWidth)
    }

    /// Computes the gradient of the mean loss of `input` and `labels`, and updates the running
    /// statistics in `values`.
    ///
    /// - Parameters:
    ///   - values: The head's parameters and running statistics, in the order of its layout.
    ///   - dropout: Dropout probability; 0 draws nothing from `generator`.
    /// - Returns: The mean loss.
    func compute(
        values: UnsafeMutablePointer<Float>, dropout: Double, generator: inout RandomGenerator
    ) -> Double {
        let width = layout.width
        let hidden = layout.hiddenWidth
        if layout.architecture == .linear {
            outer.start.update(from: input.start, count: rows * width)
            return lastLayer(values)
        }

        // [rows, D] → [rows, 1.5 D] → [rows, D]
        products.forward(
            input.start, values + layout.fc1Weight, into: inner.start,
            rows: rows, columns: hidden, inner: width)
        norm1.forward(
            inner.start, parameters1(values),
            runningMean: values + layout.bn1Mean, runningVariance: values + layout.bn1Variance)
        if dropout > 0 {
            drawMask(dropout, &generator)
            multiply(inner.start, by: mask.start, count: rows * hidden)
        }
        products.forward(
            inner.start, values + layout.fc2Weight, into: outer.start,
            rows: rows, columns: width, inner: hidden)
        norm2.forward(
            outer.start, parameters2(values),
            runningMean: values + layout.bn2Mean, runningVariance: values + layout.bn2Variance)
        if layout.architecture != .noResidual {
            for i in 0..<rows * width { outer.start[i] += input.start[i] }
        }

        let loss = lastLayer(values)
        norm2.backward(
            outer.start, parameters2(values),
            gradients: parameters2(small.start, origin: layout.small.lowerBound))
        products.backward(
            outer.start, values + layout.fc2Weight, into: innerGradient.start,
            rows: rows, columns: width, inner: hidden)
        if dropout > 0 { multiply(innerGradient.start, by: mask.start, count: rows * hidden) }
        norm1.backward(
            innerGradient.start, parameters1(values),
            gradients: parameters1(small.start, origin: layout.small.lowerBound))
        return loss
    }

    /// Computes logits, loss and the last layer's gradients, and replaces `outer` with the gradient
    /// with respect to it.
    private func lastLayer(_ values: UnsafeMutablePointer<Float>) -> Double {
        let width = layout.width
        let generated = values + layout.outWeight
        let proxy = generated + width
        let gradientOfGenerated = small.start + layout.outWeight - layout.small.lowerBound
        let gradientOfProxy = gradientOfGenerated + width
        let biases = small.start + layout.outBias - layout.small.lowerBound
        gradientOfProxy.update(repeating: 0, count: width)
        biases[1] = 0
        for row in 0..<rows {
            let x = outer.start + row * width
            var logit = Double(values[layout.outBias + 1]) - Double(values[layout.outBias])
            for i in 0..<width { logit += Double(x[i]) * Double(proxy[i] - generated[i]) }
            logits[row] = logit
        }
        let loss = classificationLoss() + rankingLoss()
        for row in 0..<rows {
            let x = outer.start + row * width
            // The gradient with respect to z1; that with respect to z0 is its negative.
            let gradient = Float(logitGradients[row])
            biases[1] += gradient
            for i in 0..<width {
                gradientOfProxy[i] += gradient * x[i]
                x[i] = gradient * (proxy[i] - generated[i])
            }
        }
        biases[0] = -biases[1]
        for i in 0..<width { gradientOfGenerated[i] = -gradientOfProxy[i] }
        return loss
    }

    /// The mean binary cross-entropy of `logits` and `labels`; sets `logitGradients`.
    private func classificationLoss() -> Double {
        var loss = 0.0
        for row in 0..<rows {
            let (logit, label) = (logits[row], Double(labels.start[row]))
            let weight = Double(weights.start[row])
            loss += weight * (softplus(logit) - label * logit)
            logitGradients[row] = weight * (sigmoid(logit) - label) / Double(labelledRows)
        }
        return loss / Double(labelledRows)
    }

    /// The Bradley–Terry loss, `pairWeight` times the mean of log(1 + exp(worse − better)) over
    /// `pairs`; adds its gradient to `logitGradients`.
    private func rankingLoss() -> Double {
        guard !pairs.isEmpty else { return 0 }
        let weight = pairWeight / Double(pairs.count)
        var loss = 0.0
        for pair in pairs {
            let difference = logits[pair.worse] - logits[pair.better]
            loss += weight * softplus(difference)
            let gradient = weight * sigmoid(difference)
            logitGradients[pair.worse] += gradient
            logitGradients[pair.better] -= gradient
        }
        return loss
    }

    private func drawMask(_ dropout: Double, _ generator: inout RandomGenerator) {
        let threshold = UInt32(dropout * 0x1p32)
        let kept = Float(1 / (1 - dropout))
        // 1.5 D may be odd, but the number of rows is even: each draw gives two mask elements.
        for i in stride(from: 0, to: mask.count, by: 2) {
            let bits = generator.next()
            mask.start[i] = UInt32(truncatingIfNeeded: bits) < threshold ? 0 : kept
            mask.start[i + 1] = UInt32(bits >> 32) < threshold ? 0 : kept
        }
    }

    private func multiply(
        _ x: UnsafeMutablePointer<Float>, by factors: UnsafeMutablePointer<Float>, count: Int
    ) {
        for i in 0..<count { x[i] *= factors[i] }
    }

    /// - Parameter origin: The layout's index of `start`.
    private func parameters1(
        _ start: UnsafeMutablePointer<Float>, origin: Int = 0
    ) -> BatchNorm.Parameters {
        BatchNorm.Parameters(
            bias: start + layout.fc1Bias - origin, gain: start + layout.bn1Weight - origin,
            offset: start + layout.bn1Bias - origin)
    }

    private func parameters2(
        _ start: UnsafeMutablePointer<Float>, origin: Int = 0
    ) -> BatchNorm.Parameters {
        BatchNorm.Parameters(
            bias: start + layout.fc2Bias - origin, gain: start + layout.bn2Weight - origin,
            offset: start + layout.bn2Bias - origin)
    }
}
