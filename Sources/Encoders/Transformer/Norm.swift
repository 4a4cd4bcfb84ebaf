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

    /// Normalises rows, rounding to `precision`; `output` may be `rows` if that is f32.
    func callAsFunction(
        _ rows: UnsafeMutablePointer<Float>, count: Int, into output: UnsafeMutableRawPointer,
        precision: Precision, kernels: ganrm_kernels
    ) {
        let width = Int64(scale.count)
        switch precision {
        case .f32:
            kernels.layer_norm(
                rows, Int64(count), width, scale, shift, epsilon,
                output.assumingMemoryBound(to: Float.self))
        case .bf16:
            kernels.layer_norm_bf16(
                rows, Int64(count), width, scale, shift, epsilon,
                output.assumingMemoryBound(to: UInt16.self))
        }
    }
}
