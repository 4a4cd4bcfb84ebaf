internal import CKernels

/// A layer norm.
struct LayerNorm: Sendable {
    private(set) var scale: [Float]
    private(set) var shift: [Float]
    let epsilon: Float

    /// - Parameter name: Canonical name without `.weight`.
    init(_ name: String, weights: TransformerWeights, epsilon: Float) {
        scale = weights.floats("\(name).weight")
        shift = weights.floats("\(name).bias")
        self.epsilon = epsilon
    }

    /// Migrates quantization difficulty from activations to weights (SmoothQuant, Xiao et al. 2022,
    /// α = 0.5): divides each channel by the square root of its approximate maximum, so that int8
    /// loses less precision to outlier channels. No calibration data is needed, since normalization
    /// values seldom exceed |shift| + 3 |scale|.
    ///
    /// - Returns: The smoothing factors, `[width]`: multiply the next layer's weights by them, per
    ///   input channel.
    mutating func applySmoothQuant() -> [Float] {
        let maxima = zip(scale, shift).map { 3 * abs($0) + abs($1) }
        // Keeps the quotient finite for a channel that is always 0.
        let least = max(1e-3 * (maxima.max() ?? 0), Float.leastNormalMagnitude)
        let factors = maxima.map { max($0, least).squareRoot() }
        scale = zip(scale, factors).map(/)
        shift = zip(shift, factors).map(/)
        return factors
    }

    /// Normalises rows; `output` may be `rows`.
    func callAsFunction(
        _ rows: UnsafeMutablePointer<Float>, count: Int, into output: UnsafeMutablePointer<Float>,
        kernels: ganrm_kernels
    ) {
        kernels.layer_norm(
            rows, Int64(count), Int64(scale.count), scale, shift, epsilon, output,
            Int64(scale.count))
    }

    /// Normalises rows, with output in the dtype of the next layer.
    ///
    /// - Parameters:
    ///   - stride: Row stride of the output, in bytes.
    ///   - quantization: Receives each row's quantization, `[rows]`; int8 only.
    ///   - scratch: `[GANRM_NORM_SCRATCH_ROWS, width]`, uninitialized; int8 only.
    func callAsFunction(
        _ rows: UnsafeMutablePointer<Float>, count: Int, into output: UnsafeMutableRawPointer,
        stride: Int, dtype: ganrm_dtype,
        quantization: UnsafeMutablePointer<ganrm_quantization>,
        scratch: UnsafeMutablePointer<Float>, kernels: ganrm_kernels
    ) {
        let (count, width) = (Int64(count), Int64(scale.count))
        let stride = Int64(stride / dtype.byteCount)
        switch dtype {
        case GANRM_INT8:
            kernels.layer_norm_int8(
                rows, count, width, scale, shift, epsilon,
                output.assumingMemoryBound(to: UInt8.self), stride, quantization, scratch)
        case GANRM_BF16:
            kernels.layer_norm_bf16(
                rows, count, width, scale, shift, epsilon,
                output.assumingMemoryBound(to: UInt16.self), stride)
        default:
            kernels.layer_norm(
                rows, count, width, scale, shift, epsilon,
                output.assumingMemoryBound(to: Float.self), stride)
        }
    }
}
