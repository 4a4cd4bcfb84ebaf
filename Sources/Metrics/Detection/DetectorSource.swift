import Foundation

/// Where a detector is, and the library that runs it.
public struct DetectorSource: Sendable, Hashable {
    /// Path of the model, `.onnx`.
    public var model: String
    /// Path of ONNX Runtime's library; nil for the one that the system's linker finds.
    public var runtime: String?

    /// - Parameter runtime: By default that of the environment variable `GANRM_ONNXRUNTIME`.
    public init(model: String, runtime: String? = Self.runtimeOfEnvironment) {
        self.model = model
        self.runtime = runtime
    }

    /// The library that `GANRM_ONNXRUNTIME` names; nil if it names none.
    public static var runtimeOfEnvironment: String? {
        let name = ProcessInfo.processInfo.environment[runtimeVariable]
        return name?.isEmpty == false ? name : nil
    }

    static let runtimeVariable = "GANRM_ONNXRUNTIME"
}
