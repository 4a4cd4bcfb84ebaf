internal import COneDNN

/// How a matrix lies in memory; owns oneDNN's descriptor.
final class MatrixLayout: Sendable {
    nonisolated(unsafe) let desc: ganrm_dnnl_desc

    /// A matrix whose element (i, j) stands `i · strides.row + j · strides.column` elements in.
    ///
    /// - Parameter strides: nil lets oneDNN choose when it knows the product.
    init(
        rows: Int, columns: Int, type: dnnl_data_type_t, strides: (row: Int, column: Int)?
    ) throws(EncoderError) {
        var desc: ganrm_dnnl_desc?
        let status: dnnl_status_t
        if let strides {
            let steps = [Int64(strides.row), Int64(strides.column)]
            status = ganrm_dnnl_desc_create(&desc, Int64(rows), Int64(columns), type, steps)
        } else {
            status = ganrm_dnnl_desc_create(&desc, Int64(rows), Int64(columns), type, nil)
        }
        try OneDNN.check(status, "a matrix of \(rows) × \(columns)")
        guard let desc else { throw .engine(operation: "a matrix", status: 0) }
        self.desc = desc
    }

    /// The layout that a product chose for one of its arguments (`DNNL_ARG_…`).
    init(of argument: Int32, in primitiveDesc: dnnl_primitive_desc_t) throws(EncoderError) {
        var desc: ganrm_dnnl_desc?
        let status = ganrm_dnnl_desc_clone(
            &desc, ganrm_dnnl_argument_desc(primitiveDesc, argument))
        try OneDNN.check(status, "a matrix's layout")
        guard let desc else { throw .engine(operation: "a matrix's layout", status: 0) }
        self.desc = desc
    }

    deinit {
        ganrm_dnnl_desc_destroy(desc)
    }

    /// Bytes the matrix takes, padding included.
    var byteCount: Int { ganrm_dnnl_desc_size(desc) }
}
