internal import COneDNN

/// A matrix product prepared for one shape; each worker has its own handles, so that all workers
/// may run it at once.
final class Matmul: Sendable {
    let shape: MatmulShape
    /// The layout in which the right-hand matrix is expected.
    let weightsLayout: MatrixLayout
    /// Working memory that one execution needs.
    let scratchByteCount: Int

    private nonisolated(unsafe) let primitive: dnnl_primitive_t
    private let arguments: [MatmulArguments]

    /// - Parameters:
    ///   - weightsLayout: The layout of weights that are packed already; nil lets oneDNN choose.
    ///   - workers: How many may run it at once.
    init(
        _ shape: MatmulShape, weightsLayout: MatrixLayout? = nil, workers: Int
    ) throws(EncoderError) {
        let name = "a product of \(shape.rows) × \(shape.inner) × \(shape.columns)"
        let type = shape.precision.dataType
        let source = try MatrixLayout(
            rows: shape.rows, columns: shape.inner, type: type, strides: (shape.sourceStride, 1))
        let destination = try MatrixLayout(
            rows: shape.rows, columns: shape.columns, type: shape.destinationPrecision.dataType,
            strides: (shape.destinationStride, 1))
        let wanted: MatrixLayout
        var bias: MatrixLayout?
        switch shape.weights {
        case .packed:
            wanted =
                if let weightsLayout { weightsLayout } else {
                    try MatrixLayout(
                        rows: shape.inner, columns: shape.columns, type: type, strides: nil)
                }
            bias = try PackedMatrix.biasLayout(columns: shape.columns)
        case .strided(let row, let column):
            wanted = try MatrixLayout(
                rows: shape.inner, columns: shape.columns, type: type, strides: (row, column))
        }

        let attributes = try Self.attributes(shape.epilogue)
        defer { dnnl_primitive_attr_destroy(attributes) }
        var primitiveDesc: dnnl_primitive_desc_t?
        try OneDNN.check(
            ganrm_dnnl_matmul_desc_create(
                &primitiveDesc, OneDNN.shared.engine, source.desc, wanted.desc, bias?.desc,
                destination.desc, attributes), name)
        guard let primitiveDesc else { throw .engine(operation: name, status: 0) }
        defer { dnnl_primitive_desc_destroy(primitiveDesc) }
        let chosen = try MatrixLayout(of: DNNL_ARG_WEIGHTS, in: primitiveDesc)
        let scratch = try MatrixLayout(of: DNNL_ARG_SCRATCHPAD, in: primitiveDesc)
        var arguments: [MatmulArguments] = []
        for _ in 0..<workers {
            arguments.append(
                try MatmulArguments(
                    source: source, destination: destination, scratch: scratch,
                    weights: shape.weights == .packed ? nil : chosen))
        }
        var primitive: dnnl_primitive_t?
        try OneDNN.check(dnnl_primitive_create(&primitive, primitiveDesc), name)
        guard let primitive else { throw .engine(operation: name, status: 0) }

        self.shape = shape
        self.weightsLayout = chosen
        self.scratchByteCount = scratch.byteCount
        self.primitive = primitive
        self.arguments = arguments
    }

    deinit {
        dnnl_primitive_destroy(primitive)
    }

    /// The epilogue, and scratch memory that the caller provides: oneDNN's own belongs to the
    /// thread that created the primitive.
    private static func attributes(
        _ epilogue: MatmulShape.Epilogue
    ) throws(EncoderError) -> dnnl_primitive_attr_t {
        var attributes: dnnl_primitive_attr_t?
        try OneDNN.check(dnnl_primitive_attr_create(&attributes), "attributes")
        var postOps: dnnl_post_ops_t?
        try OneDNN.check(dnnl_post_ops_create(&postOps), "an epilogue")
        guard let attributes, let postOps else {
            throw .engine(operation: "attributes", status: 0)
        }
        defer { dnnl_post_ops_destroy(postOps) }
        switch epilogue {
        case .none: break
        case .sum:
            try OneDNN.check(ganrm_dnnl_append_sum(postOps), "a sum")
        case .activation(.quickGELU):
            // x · σ(1.702 x) is what oneDNN calls swish.
            try OneDNN.check(
                ganrm_dnnl_append_eltwise(postOps, dnnl_eltwise_swish, 1.702), "QuickGELU")
        case .activation(.gelu):
            try OneDNN.check(
                ganrm_dnnl_append_eltwise(postOps, dnnl_eltwise_gelu_erf, 0), "GELU")
        }
        try OneDNN.check(dnnl_primitive_attr_set_post_ops(attributes, postOps), "an epilogue")
        try OneDNN.check(
            dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user),
            "scratch memory")
        return attributes
    }

    /// Multiplies by a layer's packed weights and adds its bias.
    func callAsFunction(
        _ source: UnsafeMutableRawPointer, _ weights: PackedMatrix,
        into destination: UnsafeMutableRawPointer, worker: Worker
    ) throws(EncoderError) {
        let own = arguments[worker.index]
        own.use(weights: weights.weights, bias: weights.bias)
        try run(own, source, destination, worker)
    }

    /// Multiplies by a matrix where it lies.
    func callAsFunction(
        _ source: UnsafeMutableRawPointer, _ weights: UnsafeMutableRawPointer,
        into destination: UnsafeMutableRawPointer, worker: Worker
    ) throws(EncoderError) {
        let own = arguments[worker.index]
        own.point(weightsTo: weights)
        try run(own, source, destination, worker)
    }

    private func run(
        _ own: MatmulArguments, _ source: UnsafeMutableRawPointer,
        _ destination: UnsafeMutableRawPointer, _ worker: Worker
    ) throws(EncoderError) {
        own.point(source: source, destination: destination, scratch: worker.scratchpad.base)
        let status = dnnl_primitive_execute(
            primitive, worker.stream, own.count, own.arguments)
        try OneDNN.check(status, "to run a product")
    }
}
