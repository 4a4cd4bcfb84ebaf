internal import COneDNN

/// A linear layer's weights in the layout that oneDNN multiplies fastest, and its bias.
final class PackedMatrix: Sendable {
    let weights: MatrixMemory
    let bias: MatrixMemory
    private nonisolated(unsafe) let storage: AlignedBuffer
    private nonisolated(unsafe) let biasStorage: AlignedBuffer

    /// Packs weights, rounding them to the layout's element type.
    ///
    /// - Parameters:
    ///   - weights: `[columns, inner]`, as checkpoints have them: one row per output.
    ///   - bias: `[columns]`.
    init(
        weights: [Float], bias: [Float], inner: Int, layout: MatrixLayout
    ) throws(EncoderError) {
        let columns = bias.count
        precondition(weights.count == inner * columns)
        storage = AlignedBuffer(byteCount: layout.byteCount)
        // Blocked layouts pad: the padding must be zero.
        storage.base.initializeMemory(as: UInt8.self, repeating: 0, count: layout.byteCount)
        biasStorage = AlignedBuffer(byteCount: columns * 4)
        biasStorage.pointer(to: Float.self).update(from: bias, count: columns)
        self.weights = try MatrixMemory(layout, at: storage.base)
        self.bias = try MatrixMemory(
            Self.biasLayout(columns: columns), at: biasStorage.base)

        let stored = try MatrixLayout(
            rows: inner, columns: columns, type: dnnl_f32, strides: (row: 1, column: inner))
        let name = "to pack weights of \(columns) × \(inner)"
        // oneDNN only reads the source, though its handle is mutable.
        let copied = weights.withUnsafeBytes { bytes -> Result<Void, EncoderError> in
            Result { () throws(EncoderError) in
                let source = try MatrixMemory(
                    stored, at: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
                try Self.copy(source, stored, into: self.weights, layout, name)
            }
        }
        try copied.get()
    }

    static func biasLayout(columns: Int) throws(EncoderError) -> MatrixLayout {
        try MatrixLayout(rows: 1, columns: columns, type: dnnl_f32, strides: (columns, 1))
    }

    private static func copy(
        _ source: MatrixMemory, _ sourceLayout: MatrixLayout, into destination: MatrixMemory,
        _ destinationLayout: MatrixLayout, _ name: String
    ) throws(EncoderError) {
        var primitiveDesc: dnnl_primitive_desc_t?
        try OneDNN.check(
            ganrm_dnnl_reorder_desc_create(
                &primitiveDesc, OneDNN.shared.engine, sourceLayout.desc, destinationLayout.desc,
                nil), name)
        defer { dnnl_primitive_desc_destroy(primitiveDesc) }
        var primitive: dnnl_primitive_t?
        try OneDNN.check(dnnl_primitive_create(&primitive, primitiveDesc), name)
        defer { dnnl_primitive_destroy(primitive) }
        var stream: dnnl_stream_t?
        try OneDNN.check(
            dnnl_stream_create(
                &stream, OneDNN.shared.engine, UInt32(dnnl_stream_default_flags.rawValue)), name)
        defer { dnnl_stream_destroy(stream) }
        var arguments = [
            dnnl_exec_arg_t(arg: DNNL_ARG_SRC, memory: source.memory),
            dnnl_exec_arg_t(arg: DNNL_ARG_DST, memory: destination.memory),
        ]
        try OneDNN.check(dnnl_primitive_execute(primitive, stream, 2, &arguments), name)
        try OneDNN.check(dnnl_stream_wait(stream), name)
    }
}
