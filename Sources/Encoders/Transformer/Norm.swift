internal import CKernels

/// A layer norm's parameters.
struct Norm: Sendable {
    private(set) var scale: [Float]
    private(set) var shift: [Float]
    let epsilon: Float

    /// - Parameter name: Canonical, without `.weight`.
    init(_ name: String, weights: VisionWeights, epsilon: Float) {
        scale = weights.floats("\(name).weight")
        shift = weights.floats("\(name).bias")
        self.epsilon = epsilon
    }

    /// Divides each channel by about the root of its largest number, so that bytes waste less of their range on
    /// the others: weights share what is difficult ("SmoothQuant", Xiao et al. 2022, α = 0.5). Nobody needs to look
    /// at data, since what is normalised seldom leaves |shift| + 3 |scale|.
    ///
    /// - Returns: What the channels were divided by: factors for the columns of the weights that follow.
    mutating func smooth() -> [Float] {
        let reach = zip(scale, shift).map { 3 * abs($0) + abs($1) }
        // A channel that is always 0 stays finite.
        let least = max(1e-3 * (reach.max() ?? 0), Float.leastNormalMagnitude)
        let divisors = reach.map { max($0, least).squareRoot() }
        scale = zip(scale, divisors).map(/)
        shift = zip(shift, divisors).map(/)
        return divisors
    }

    /// Normalises rows, where they are if `output` is `rows`.
    func callAsFunction(
        _ rows: UnsafeMutablePointer<Float>, count: Int, into output: UnsafeMutablePointer<Float>,
        kernels: ganrm_kernels
    ) {
        kernels.layer_norm(
            rows, Int64(count), Int64(scale.count), scale, shift, epsilon, output,
            Int64(scale.count))
    }

    /// Normalises rows, rounding to the numbers of the layer that follows.
    ///
    /// - Parameters:
    ///   - stride: From one row of the output to the next, in bytes.
    ///   - scales: Receives, for bytes, what each row's stand for.
    func callAsFunction(
        _ rows: UnsafeMutablePointer<Float>, count: Int, into output: UnsafeMutableRawPointer,
        stride: Int, number: ganrm_number, scales: UnsafeMutablePointer<ganrm_byte_scale>,
        kernels: ganrm_kernels
    ) {
        let (count, width) = (Int64(count), Int64(scale.count))
        let stride = Int64(stride / number.byteCount)
        switch number {
        case GANRM_INT8:
            kernels.layer_norm_int8(
                rows, count, width, scale, shift, epsilon,
                output.assumingMemoryBound(to: UInt8.self), stride, scales)
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
