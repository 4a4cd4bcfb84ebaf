internal import COneDNN

/// oneDNN's handle of a matrix in memory that somebody else owns.
final class MatrixMemory: Sendable {
    nonisolated(unsafe) let memory: dnnl_memory_t

    /// - Parameter bytes: Borrowed; nil until `point(to:)` says where the matrix is.
    init(_ layout: MatrixLayout, at bytes: UnsafeMutableRawPointer? = nil) throws(EncoderError) {
        var memory: dnnl_memory_t?
        let status = ganrm_dnnl_memory_create(&memory, layout.desc, OneDNN.shared.engine, bytes)
        try OneDNN.check(status, "a matrix's memory")
        guard let memory else { throw .engine(operation: "a matrix's memory", status: 0) }
        self.memory = memory
    }

    deinit {
        dnnl_memory_destroy(memory)
    }

    /// Says where the matrix is from now on; only the thread that owns this handle may.
    func point(to bytes: UnsafeMutableRawPointer) {
        dnnl_memory_set_data_handle(memory, bytes)
    }
}
