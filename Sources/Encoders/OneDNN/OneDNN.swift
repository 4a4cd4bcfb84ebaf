internal import COneDNN

/// The engine that all encoders of the process share: oneDNN on the CPU.
final class OneDNN: Sendable {
    static let shared = OneDNN()

    nonisolated(unsafe) let engine: dnnl_engine_t
    private let setThreadCount: (@convention(c) (Int32) -> Void)?
    private let maxThreadCount: (@convention(c) () -> Int32)?

    private init() {
        var engine: dnnl_engine_t?
        let status = dnnl_engine_create(&engine, dnnl_cpu, 0)
        guard status == dnnl_success, let engine else {
            preconditionFailure("oneDNN has no engine for a CPU")
        }
        self.engine = engine
        setThreadCount = ganrm_omp_setter()
        maxThreadCount = ganrm_omp_getter()
    }

    deinit {
        dnnl_engine_destroy(engine)
    }

    /// Runs `body` with oneDNN computing on the calling thread alone.
    ///
    /// Results must not depend on how many threads there are, so this project's own workers share
    /// the rows out and oneDNN never starts any. The thread's own setting comes back afterwards.
    func onThisThread<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let setThreadCount, let maxThreadCount else { return try body() }
        let before = maxThreadCount()
        setThreadCount(1)
        defer { setThreadCount(before) }
        return try body()
    }

    /// Turns a status into an error that names the operation.
    static func check(
        _ status: dnnl_status_t, _ operation: @autoclosure () -> String
    ) throws(EncoderError) {
        guard status == dnnl_success else {
            throw .engine(operation: operation(), status: Int(status.rawValue))
        }
    }
}

extension Precision {
    /// What the inputs of matrix products are stored as.
    var dataType: dnnl_data_type_t {
        switch self {
        case .f32: dnnl_f32
        case .bf16: dnnl_bf16
        }
    }

    /// Bytes per such number.
    var byteCount: Int {
        switch self {
        case .f32: 4
        case .bf16: 2
        }
    }
}
