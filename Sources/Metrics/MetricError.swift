public import Files
import TextFormats

/// An error of `ganrm metrics`, besides those of loading models and of reading inputs.
public enum MetricError: Error, Sendable, Equatable {
    case unknownMetric(name: String, similar: [String])
    /// The weights have no `logit_scale`, which the metric multiplies by.
    case noLogitScale(metric: String, encoder: String)
    /// Two inputs of a reference have one name.
    case twins(name: String, inputs: [String])
    /// A file of rows cannot be summed up.
    case rows(reason: String)
    case file(FileError)
    /// A detector is needed, and none was named.
    case noDetector(metric: String)
    /// A model is no detector that can be used; `reason` is a clause.
    case detector(path: String, reason: String)
    /// ONNX Runtime, which runs detectors, cannot be opened; `reason` is that of the system's linker.
    case noRuntime(reason: String)
    /// A file of VBench's results cannot be used.
    case vbench(reason: String)
}

extension MetricError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownMetric(let name, let similar):
            "there is no metric '\(name)'; "
                + (NameSuggestions.question(for: name, among: similar) ?? "see: ganrm metrics list")
        case .twins(let name, let inputs):
            """
            the reference has two inputs '\(name)', '\(inputs[0])' and '\(inputs[1])'; name the one of each input in \
            --list, as {"input": "a.mp4", "reference": "b.mp4"}
            """
        case .noLogitScale(let metric, let encoder):
            "the weights of '\(encoder)' have no logit_scale, which '\(metric)' multiplies by"
        case .noDetector(let metric):
            """
            \(metric) needs NudeNet's detector, which is not part of ganrm; name 320n.onnx of the Python package nudenet \
            by --detector
            """
        case .detector(let path, let reason): "'\(path)' cannot be used as a detector: \(reason)"
        case .noRuntime(let reason):
            """
            a detector needs ONNX Runtime, which cannot be opened (\(reason)); get it by pip install onnxruntime, and name \
            the package's capi/libonnxruntime.so.* in \(DetectorSource.runtimeVariable)
            """
        case .rows(let reason), .vbench(let reason): reason
        case .file(let error): error.description
        }
    }
}
