public import Files

/// Errors of ground truth, rows, answers of studies and cut lists.
public enum EvaluationError: Error, Equatable {
    case file(FileError)
    /// Invalid labels, pairs or ratings; the text starts with the file and line, if known.
    case groundTruth(String)
    /// A line that is not a row of the expected command.
    case notRows(of: String, path: String, line: Int, reason: String)
    /// A file without valid answers of a study.
    case notAnswers(path: String, reason: String)
    /// An input whose segments cannot be written as a cut list.
    case cannotBeCut(input: String, reason: String)
}

extension EvaluationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let error): error.description
        case .groundTruth(let problem): problem
        case .notRows(let command, let path, let line, let reason):
            "\(path):\(line): \(reason); is it a file of \(command)?"
        case .notAnswers(let path, let reason):
            "'\(path)' holds no answers of a study: \(reason)"
        case .cannotBeCut(let input, let reason):
            "no list can cut '\(input)': \(reason)"
        }
    }
}
