public import Files

/// An error of a rounds run.
public enum RoundsError: Error, Equatable {
    /// An invalid setting, with its line in the file if known.
    case configuration(path: String, line: Int?, reason: String)
    case file(FileError)
    /// The state folder was created with other settings.
    case settingsChanged(state: String, changes: [String])
    /// A file in the state folder is malformed.
    case damagedState(path: String, reason: String)
    /// Another run, or a command that it started, still holds the lock of the state folder.
    case busy(state: String, holder: String)
    case commandFailed(step: String, reason: String, log: String, lastLines: [String])
    /// A command exited with status 0 but did not write its outputs.
    case nothingMade(step: String, reason: String, log: String)
    case nothingEncoded(what: String, reason: String)
    /// Problems found by a dry run, one sentence each.
    case missing([String])
}

extension RoundsError: CustomStringConvertible {
    public var description: String { lines.joined(separator: "\n") }

    /// The lines of the description. Names and outputs of programs in them may have control characters.
    public var lines: [String] {
        switch self {
        case .configuration(let path, let line, let reason):
            ["\(path)\(line.map { ":\($0)" } ?? ""): \(reason)"]
        case .file(let error): [error.description]
        case .settingsChanged(let state, let changes):
            [
                """
                the rounds in '\(state)' were started with other settings: \
                \(changes.joined(separator: "; ")); give them back, or start over with another --state
                """
            ]
        case .damagedState(let path, let reason):
            ["'\(path)' is not what a run left there: \(reason); start over with another --state"]
        case .busy(let state, let holder):
            [
                """
                another run works on '\(state)' (\(holder)); wait for its end or use another --state
                """
            ]
        case .commandFailed(let step, let reason, let log, let lastLines):
            [
                "\(step): the command \(reason); its output is in '\(log)'"
                    + (lastLines.isEmpty ? ", and is empty" : " and ends with:")
            ] + lastLines.map { "  " + $0 }
        case .nothingMade(let step, let reason, let log):
            ["\(step): the command ended well, but \(reason); its output is in '\(log)'"]
        case .nothingEncoded(let what, let reason): ["no embedding of \(what): \(reason)"]
        case .missing(let problems):
            problems.enumerated().map { $0 == 0 ? $1 : "ganrm: \($1)" }
        }
    }
}
