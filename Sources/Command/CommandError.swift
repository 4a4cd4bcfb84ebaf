import Files

/// Errors of the options of commands.
enum CommandError: Error {
    case file(FileError)
    /// An invalid configuration file, with the line if known.
    case configuration(path: String, line: Int?, reason: String)
}

extension CommandError: CustomStringConvertible {
    var description: String {
        switch self {
        case .file(let error): error.description
        case .configuration(let path, let line, let reason):
            "\(path)\(line.map { ":\($0)" } ?? ""): \(reason)"
        }
    }
}
