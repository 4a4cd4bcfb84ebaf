/// What is wrong with candidates as a whole, or with how they are to be grouped.
public enum PreferenceError: Error, Hashable {
    case unreadable(path: String, reason: String)
    case unwritable(path: String, reason: String)
    case pattern(text: String, reason: String)
    /// A table of candidates that is none, with its place.
    case table(place: String, reason: String)
    case noPrompts(path: String)
    case promptNumber(group: String, number: Int, path: String, first: Int, count: Int)
    case noPrompt(group: String, path: String)
}

extension PreferenceError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "cannot read '\(path)': \(reason)"
        case .unwritable(let path, let reason):
            "cannot write '\(path)': \(reason)"
        case .pattern(let text, let reason):
            "'\(text)' is no pattern of file names: \(reason)"
        case .table(let place, let reason):
            "\(place): \(reason)"
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
