public import Files

/// Errors of writing pages and of reading the rows that they show.
public enum PagesError: Error, Equatable {
    case file(FileError)
    /// A line that is not a row of `ganrm rank`.
    case notARankRow(path: String, line: Int, reason: String)
    case pageTooLarge(path: String, bytes: Int)
}

extension PagesError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let error): error.description
        case .notARankRow(let path, let line, let reason):
            "\(path):\(line): \(reason); is it a file of ganrm rank?"
        case .pageTooLarge(let path, let bytes):
            """
            '\(path)' would hold more than \(bytes / 1_000_000) MB, too much for browsers; write a folder \
            or take fewer prompts
            """
        }
    }
}
