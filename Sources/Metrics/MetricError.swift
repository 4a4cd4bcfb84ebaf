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
        case .rows(let reason), .vbench(let reason): reason
        case .file(let error): error.description
        }
    }
}
