/// The training pass of a head: loss and gradient of one step's examples, without allocating.
///
/// Weights do not change between the batches of a step, so all of them go through each matrix
/// product together; only the norms look at one batch at a time. The gradients of the two large matrices
/// are left as the factors that `AdamW` multiplies.
final class HeadGradient {
    private let layout: HeadLayout
    let rows: Int
    /// Rows that the mean loss is taken over.
    private let labelledRows: Int
    private let norm1: BatchNorm
    private let norm2: BatchNorm
    /// `[rows, D]`: embeddings.
    let input: FloatBuffer
    /// `[rows]`: labels.
    let labels: FloatBuffer
    /// `[rows]`: how much an example counts against its label; 0 if only `pairs` ask for it.
    let weights: FloatBuffer
    /// Rows whose order is learnt: the better one's logit is to be above the worse one's.
    var pairs: [(better: Int, worse: Int)] = []
    /// How much the mean loss of `pairs` counts beside that of the labels.
    private let pairWeight: Double
    /// z1 − z0 of each row, and the loss's gradient by it.
    private var logits: [Double]
    private var slopes: [Double]
    /// `[rows, 1.5 D]`: the second layer's input.
    let inner: FloatBuffer
    /// `[rows, 1.5 D]`: the gradient by the first layer's output.
    let innerGradient: FloatBuffer
    /// `[rows, 1.5 D]`: 0, or 1 / (1 − dropout).
    private let mask: FloatBuffer
    /// `[rows, D]`: the last layer's input, in the end the gradient by the second layer's output.
    let outer: FloatBuffer
    /// Of `layout.small`, in its order.
    let small: FloatBuffer
    private let products: LayerProducts

    /// - Parameter labelled: Rows per batch that have a weight; the rest stand in `pairs`.
    init(
        layout: HeadLayout, batchSize: Int, labelled: Int? = nil, batches: Int,
        pairWeight: Double = 0
    ) {
        self.layout = layout
        self.pairWeight = pairWeight
        rows = batchSize * batches
        labelledRows = (labelled ?? batchSize) * batches
        logits = Array(repeating: 0, count: rows)
        slopes = Array(repeating: 0, count: rows)
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

    /// Computes the gradient of the mean loss of `input` against `labels`, and moves the running
    /// statistics in `values`.
    ///
    /// - Parameters:
    ///   - values: Every number of the head, as its layout orders them.
    ///   - dropout: The share that is dropped; 0 draws nothing from `generator`.
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

    /// Logits, loss and the last layer's gradient; `outer` becomes the gradient by itself.
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
        let loss = lossOfLabels() + lossOfPairs()
        for row in 0..<rows {
            let x = outer.start + row * width
            // z1's gradient; z0's is its negative.
            let slope = Float(slopes[row])
            biases[1] += slope
            for i in 0..<width {
                gradientOfProxy[i] += slope * x[i]
                x[i] = slope * (proxy[i] - generated[i])
            }
        }
        biases[0] = -biases[1]
        for i in 0..<width { gradientOfGenerated[i] = -gradientOfProxy[i] }
        return loss
    }

    /// The mean binary cross-entropy of `logits` against `labels`; sets `slopes`.
    private func lossOfLabels() -> Double {
        var loss = 0.0
        for row in 0..<rows {
            let (logit, label) = (logits[row], Double(labels.start[row]))
            let weight = Double(weights.start[row])
            loss += weight * (softplus(logit) - label * logit)
            slopes[row] = weight * (sigmoid(logit) - label) / Double(labelledRows)
        }
        return loss / Double(labelledRows)
    }

    /// `pairWeight` times the mean of log(1 + exp(worse − better)) over `pairs`, Bradley and Terry's
    /// loss; adds to `slopes`.
    private func lossOfPairs() -> Double {
        guard !pairs.isEmpty else { return 0 }
        let share = pairWeight / Double(pairs.count)
        var loss = 0.0
        for pair in pairs {
            let difference = logits[pair.worse] - logits[pair.better]
            loss += share * softplus(difference)
            let slope = share * sigmoid(difference)
            slopes[pair.worse] += slope
            slopes[pair.better] -= slope
        }
        return loss
    }

    private func drawMask(_ dropout: Double, _ generator: inout RandomGenerator) {
        let threshold = UInt32(dropout * 0x1p32)
        let kept = Float(1 / (1 - dropout))
        // 1.5 D may be odd, the number of rows is even: each draw serves two numbers.
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
