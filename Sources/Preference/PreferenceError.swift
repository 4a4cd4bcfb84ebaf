public import Files

/// An error about the candidates as a whole, or about their grouping.
public enum PreferenceError: Error, Hashable {
    case file(FileError)
    case pattern(text: String, reason: String)
    /// A malformed table of candidates, with its location as `file:line`.
    case table(location: String, reason: String)
    case noPrompts(path: String)
    case promptNumber(group: String, number: Int, path: String, first: Int, count: Int)
    case noPrompt(group: String, path: String)
}

extension PreferenceError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let error): error.description
        case .pattern(let text, let reason):
            "'\(text)' is no pattern of file names: \(reason)"
        case .table(let location, let reason):
            "\(location): \(reason)"
        case .noPrompts(let path):
            "'\(path)' holds no prompts; it has one on each line"
        case .promptNumber(let group, let number, let path, let first, let count):
            """
            '\(group)' is prompt \(number), but '\(path)' holds prompts \(first) to \
            \(first + count - 1); say where numbers begin with --first-number
            """
        case .noPrompt(let group, let path):
            """
            '\(group)' is neither a number nor a line of '\(path)'; say by --pattern where the number \
            stands, as '(?<number>[0-9]+)_(?<candidate>[0-9]+)'
            """
        }
    }
}
