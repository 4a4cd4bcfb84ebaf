/// What goes wrong between rounds.
public enum RoundsError: Error, Equatable {
    /// A setting that makes no sense, with its place in the file.
    case configuration(path: String, line: Int?, reason: String)
    case unreadable(path: String, reason: String)
    case unwritable(path: String, reason: String)
    /// The state folder belongs to other settings.
    case settingsChanged(state: String, changes: [String])
    /// The state folder is not what a run left there.
    case damagedState(path: String, reason: String)
    /// Another run, or a command that it started, still works on the state folder.
    case busy(state: String, holder: String)
    case commandFailed(step: String, reason: String, log: String, lastLines: [String])
    /// A command ended well and did not do its work.
    case nothingMade(step: String, reason: String, log: String)
    case nothingEncoded(what: String, reason: String)
    /// What a dry run found missing.
    case missing([String])
}

extension RoundsError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .configuration(let path, let line, let reason):
            "\(path)\(line.map { ":\($0)" } ?? ""): \(reason)"
        case .unreadable(let path, let reason):
            "cannot read '\(path)': \(reason)"
        case .unwritable(let path, let reason):
            "cannot write '\(path)': \(reason)"
        case .settingsChanged(let state, let changes):
            """
            the rounds in '\(state)' were begun with other settings: \
            \(changes.joined(separator: "; ")); give them back, or begin anew with another --state
            """
        case .damagedState(let path, let reason):
            "'\(path)' is not what a run left there: \(reason); begin anew with another --state"
        case .busy(let state, let holder):
            "another run works on '\(state)' (\(holder)); wait for its end or use another --state"
        case .commandFailed(let step, let reason, let log, let lastLines):
            "\(step): the command \(reason); its output is in '\(log)'"
                + (lastLines.isEmpty
                    ? ", and is empty"
                    : " and ends with:\n" + lastLines.map { "  " + $0 }.joined(separator: "\n"))
        case .nothingMade(let step, let reason, let log):
            "\(step): the command ended well, but \(reason); its output is in '\(log)'"
        case .nothingEncoded(let what, let reason):
            "no embedding of \(what): \(reason)"
        case .missing(let problems):
            problems.joined(separator: "\nganrm: ")
        }
    }
}
