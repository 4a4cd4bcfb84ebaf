import Reward

/// ReLU and BatchNorm1d of one layer in training mode, forward and backward.
///
/// Rows are examples, `[batches * batchSize, width]`; each batch is normalized by its own
/// statistics, as in PyTorch's pass over that batch. Running statistics are updated batch by batch
/// with momentum 0.1 and the unbiased variance.
struct BatchNorm {
    private static let momentum: Float = 0.1

    let width: Int
    let batchSize: Int
    let batches: Int
    /// Whether activations are normalized; if not, gain and offset apply to the ReLU's output.
    let normalizes: Bool
    /// relu(x + bias): `[batches * batchSize, width]`.
    private let activations: FloatBuffer
    /// `(activation − mean) / standard deviation`, same shape.
    private let normalized: FloatBuffer
    /// 1 / √(variance + ε) of each batch: `[batches, width]`.
    private let inverseDeviation: FloatBuffer
    private let sums: FloatBuffer
    private let products: FloatBuffer

    init(width: Int, batchSize: Int, batches: Int, normalizes: Bool = true) {
        self.normalizes = normalizes
        self.width = width
        self.batchSize = batchSize
        self.batches = batches
        activations = FloatBuffer(count: batches * batchSize * width)
        normalized = FloatBuffer(count: batches * batchSize * width)
        inverseDeviation = FloatBuffer(count: batches * width)
        sums = FloatBuffer(count: width)
        products = FloatBuffer(count: width)
    }

    /// The layer's parameters, or their gradients, each `[width]`.
    struct Parameters {
        /// Bias of the preceding linear layer.
        let bias: UnsafeMutablePointer<Float>
        let gain: UnsafeMutablePointer<Float>
        let offset: UnsafeMutablePointer<Float>
    }

    /// Replaces the linear layer's products `x` with `norm(relu(x + bias))`.
    func forward(
        _ x: UnsafeMutablePointer<Float>, _ parameters: Parameters,
        runningMean: UnsafeMutablePointer<Float>, runningVariance: UnsafeMutablePointer<Float>
    ) {
        let count = Float(batchSize)
        let mean = sums.start
        let variance = products.start
        for batch in 0..<batches {
            let first = batch * batchSize * width
            let inverse = inverseDeviation.start + batch * width
            mean.update(repeating: 0, count: width)
            variance.update(repeating: 0, count: width)
            for row in 0..<batchSize {
                let start = first + row * width
                let active = activations.start + start
                let input = x + start
                for i in 0..<width {
                    active[i] = max(input[i] + parameters.bias[i], 0)
                    mean[i] += active[i]
                }
            }
            for i in 0..<width { mean[i] /= count }
            for row in 0..<batchSize {
                let active = activations.start + first + row * width
                for i in 0..<width {
                    let distance = active[i] - mean[i]
                    variance[i] += distance * distance
                }
            }
            guard normalizes else {
                // Mean 0 and standard deviation 1 make the normalization an identity.
                mean.update(repeating: 0, count: width)
                inverse.update(repeating: 1, count: width)
                apply(parameters, batch, mean, inverse, x)
                continue
            }
            for i in 0..<width {
                let keep = 1 - Self.momentum
                runningMean[i] = keep * runningMean[i] + Self.momentum * mean[i]
                runningVariance[i] =
                    keep * runningVariance[i] + Self.momentum * (variance[i] / (count - 1))
                inverse[i] = 1 / (variance[i] / count + RewardHead.epsilon).squareRoot()
            }
            apply(parameters, batch, mean, inverse, x)
        }
    }

    /// Normalizes one batch with the given statistics and applies gain and offset.
    private func apply(
        _ parameters: Parameters, _ batch: Int, _ mean: UnsafePointer<Float>,
        _ inverse: UnsafePointer<Float>, _ x: UnsafeMutablePointer<Float>
    ) {
        for row in batch * batchSize..<(batch + 1) * batchSize {
            let active = activations.start + row * width
            let normal = normalized.start + row * width
            let output = x + row * width
            for i in 0..<width {
                normal[i] = (active[i] - mean[i]) * inverse[i]
                output[i] = normal[i] * parameters.gain[i] + parameters.offset[i]
            }
        }
    }

    /// Replaces the gradient with respect to `forward`'s output by that with respect to its input,
    /// and sets the parameters' gradients.
    func backward(
        _ gradient: UnsafeMutablePointer<Float>, _ parameters: Parameters,
        gradients: Parameters
    ) {
        let count = Float(batchSize)
        let sum = sums.start
        let product = products.start
        gradients.bias.update(repeating: 0, count: width)
        gradients.gain.update(repeating: 0, count: width)
        gradients.offset.update(repeating: 0, count: width)
        for batch in 0..<batches {
            let first = batch * batchSize * width
            let inverse = inverseDeviation.start + batch * width
            sum.update(repeating: 0, count: width)
            product.update(repeating: 0, count: width)
            for row in 0..<batchSize {
                let start = first + row * width
                let incoming = gradient + start
                let normal = normalized.start + start
                for i in 0..<width {
                    sum[i] += incoming[i]
                    product[i] += incoming[i] * normal[i]
                }
            }
            for i in 0..<width {
                gradients.offset[i] += sum[i]
                gradients.gain[i] += product[i]
                // With normalization, the statistics depend on the input, too.
                sum[i] = normalizes ? sum[i] / count : 0
                product[i] = normalizes ? product[i] / count : 0
            }
            for row in 0..<batchSize {
                let start = first + row * width
                let incoming = gradient + start
                let normal = normalized.start + start
                let active = activations.start + start
                for i in 0..<width {
                    let centred = incoming[i] - sum[i] - normal[i] * product[i]
                    let outgoing = parameters.gain[i] * inverse[i] * centred
                    incoming[i] = active[i] > 0 ? outgoing : 0
                    gradients.bias[i] += incoming[i]
                }
            }
        }
    }
}
