internal import CKernels

/// A layer norm's parameters.
struct Norm: Sendable {
    let scale: [Float]
    let shift: [Float]
    let epsilon: Float

    /// - Parameter name: Canonical, without `.weight`.
    init(_ name: String, weights: VisionWeights, epsilon: Float) {
        scale = weights.floats("\(name).weight")
        shift = weights.floats("\(name).bias")
        self.epsilon = epsilon
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
