import CONNXRuntime
package import Tensors

/// A model of ONNX with one input and one output of floats, which ONNX Runtime runs.
///
/// The library is opened when it is needed, so that neither this package nor a program with it depends on one. Runs are
/// one after another; each uses the threads of the session.
package final class ONNXSession {
    /// Lengths that the model declares of its input; nil for any.
    package let inputShape: [Int?]
    /// The version of ONNX Runtime, as `1.32.0`.
    package let runtimeVersion: String

    private let session: OpaquePointer

    /// Names that the system's linker looks for.
    private static let sonames = ["libonnxruntime.so.1", "libonnxruntime.so"]

    /// - Parameters:
    ///   - source: Names the model in error messages, and the library.
    ///   - threadCount: At least 1.
    /// - Throws: `MetricError.noRuntime`, `.detector` if the model is refused.
    package init(
        _ model: ByteStorage, from source: DetectorSource, threadCount: Int
    ) throws(MetricError) {
        var message = Message()
        var session: OpaquePointer?
        var status = GANRM_ONNX_NO_LIBRARY
        var reason = ""
        for library in source.runtime.map({ [$0] }) ?? Self.sonames {
            status = model.withBytes { bytes in
                message.read {
                    ganrm_onnx_session_open(
                        library, bytes.baseAddress, bytes.count,
                        Int32(clamping: threadCount), &session, $0)
                }
            }
            reason = message.text
            if status != GANRM_ONNX_NO_LIBRARY { break }
        }
        guard status != GANRM_ONNX_NO_LIBRARY else { throw .noRuntime(reason: reason) }
        guard status == GANRM_ONNX_OK, let session else {
            throw .detector(path: source.model, reason: "ONNX Runtime refuses it: \(reason)")
        }
        self.session = session
        inputShape = lengths(ganrm_onnx_session_input(session)).map { $0 < 0 ? nil : $0 }
        runtimeVersion = String(cString: ganrm_onnx_session_version(session))
    }

    deinit { ganrm_onnx_session_close(session) }

    /// Runs the model once.
    ///
    /// - Parameters:
    ///   - input: Row-major.
    ///   - shape: Lengths of the input, at most 8.
    /// - Returns: The output, row-major, and its lengths.
    /// - Throws: `InputFailure`.
    package func run(
        _ input: [Float], shape: [Int]
    ) throws(InputFailure) -> (values: [Float], shape: [Int]) {
        precondition(shape.reduce(1, *) == input.count && shape.count <= GANRM_ONNX_MAX_RANK)
        var message = Message()
        var output = ganrm_onnx_output()
        var inputShape = ganrm_onnx_shape()
        inputShape.rank = shape.count
        withUnsafeMutableBytes(of: &inputShape.lengths) { bytes in
            let lengths = bytes.bindMemory(to: Int64.self)
            for (axis, length) in shape.enumerated() { lengths[axis] = Int64(length) }
        }
        let status = input.withUnsafeBufferPointer { input in
            message.read {
                ganrm_onnx_session_run(session, input.baseAddress, &inputShape, &output, $0)
            }
        }
        guard status == GANRM_ONNX_OK else {
            throw InputFailure(reason: "ONNX Runtime cannot run the detector: \(message.text)")
        }
        let values = UnsafeBufferPointer(start: output.values, count: output.count)
        return (Array(values), lengths(output.shape))
    }

    /// The buffer of a message.
    private struct Message {
        private var bytes = [CChar](repeating: 0, count: GANRM_ONNX_MESSAGE)

        mutating func read(
            _ body: (UnsafeMutablePointer<CChar>?) -> ganrm_onnx_status
        ) -> ganrm_onnx_status {
            bytes.withUnsafeMutableBufferPointer { body($0.baseAddress) }
        }

        /// On one line.
        var text: String {
            let text = bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            return String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline)
                .joined(separator: " ")
        }
    }
}

private func lengths(_ shape: ganrm_onnx_shape) -> [Int] {
    withUnsafeBytes(of: shape.lengths) {
        $0.bindMemory(to: Int64.self).prefix(shape.rank).map { Int($0) }
    }
}
