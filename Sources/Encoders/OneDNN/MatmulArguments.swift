internal import COneDNN

/// One worker's handles of one product's matrices.
final class MatmulArguments: Sendable {
    private let source: MatrixMemory
    private let destination: MatrixMemory
    private let scratch: MatrixMemory
    /// The right-hand matrix, if it is not a layer's weights.
    private let weights: MatrixMemory?

    /// What oneDNN reads: source, destination, scratch, weights and, for a layer, bias.
    nonisolated(unsafe) let arguments: UnsafeMutablePointer<dnnl_exec_arg_t>
    let count: Int32

    init(
        source: MatrixLayout, destination: MatrixLayout, scratch: MatrixLayout,
        weights: MatrixLayout?
    ) throws(EncoderError) {
        self.source = try MatrixMemory(source)
        self.destination = try MatrixMemory(destination)
        self.scratch = try MatrixMemory(scratch)
        self.weights = if let weights { try MatrixMemory(weights) } else { nil }
        count = weights == nil ? 5 : 4
        arguments = .allocate(capacity: 5)
        arguments[0] = dnnl_exec_arg_t(arg: DNNL_ARG_SRC, memory: self.source.memory)
        arguments[1] = dnnl_exec_arg_t(arg: DNNL_ARG_DST, memory: self.destination.memory)
        arguments[2] = dnnl_exec_arg_t(arg: DNNL_ARG_SCRATCHPAD, memory: self.scratch.memory)
        arguments[3] = dnnl_exec_arg_t(arg: DNNL_ARG_WEIGHTS, memory: self.weights?.memory)
        arguments[4] = dnnl_exec_arg_t(arg: DNNL_ARG_BIAS, memory: nil)
    }

    deinit {
        arguments.deallocate()
    }

    func use(weights: MatrixMemory, bias: MatrixMemory) {
        arguments[3].memory = weights.memory
        arguments[4].memory = bias.memory
    }

    func point(weightsTo bytes: UnsafeMutableRawPointer) {
        weights?.point(to: bytes)
    }

    func point(
        source: UnsafeMutableRawPointer, destination: UnsafeMutableRawPointer,
        scratch: UnsafeMutableRawPointer
    ) {
        self.source.point(to: source)
        self.destination.point(to: destination)
        self.scratch.point(to: scratch)
    }
}
