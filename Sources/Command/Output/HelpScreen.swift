import Foundation

/// A help screen of ArgumentParser as it is printed: a command's own options come before the groups
/// that it shares with other commands, examples come last, and the usage fits the terminal.
enum HelpScreen {
    /// The arranged text; any text that is not a help screen is returned unchanged.
    static func arranged(_ message: String) -> String {
        guard let start = message.range(of: "USAGE: ")?.upperBound else { return message }
        let words = message[start...].prefix { $0 != "\n" }.split(separator: " ")
            .prefix { !$0.hasPrefix("<") && !$0.hasPrefix("[") && !$0.hasPrefix("-") }
        guard let examples = Examples.commands[words.joined(separator: " ")] else {
            return message
        }
        var blocks = message.trimmingCharacters(in: .newlines).components(separatedBy: "\n\n")
        if let usage = blocks.firstIndex(where: { $0.hasPrefix("USAGE: ") }),
            let options = blocks.firstIndex(where: { $0.hasPrefix("OPTIONS:\n") })
        {
            blocks[usage] = wrapped(usage: blocks[usage], width: width)
            let hasArguments = blocks[usage + 1].hasPrefix("ARGUMENTS:\n")
            blocks.insert(blocks.remove(at: options), at: usage + (hasArguments ? 2 : 1))
        }
        blocks.append("EXAMPLES:\n" + examples.map { "  \($0)" }.joined(separator: "\n"))
        return blocks.joined(separator: "\n\n")
    }

    /// Columns of help screens, as ArgumentParser determines them.
    private static var width: Int {
        if let columns = ProcessInfo.processInfo.environment["COLUMNS"].flatMap(Int.init) {
            return columns
        }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Breaks a usage line between options.
    private static func wrapped(usage: String, width: Int) -> String {
        var lines = [""]
        // An option and its value stay together: `[--format <format>]`, `--output <output>`.
        for part in usage.matches(of: #/\S*\[[^\]]*\]|--\S+ <[^>]*>( \.\.\.)?|\S+/#).map(\.output.0)
        {
            let line = lines[lines.count - 1]
            if line.isEmpty {
                lines[lines.count - 1] = String(part)
            } else if line.count + 1 + part.count <= width {
                lines[lines.count - 1] += " " + part
            } else {
                lines.append("         " + part)
            }
        }
        return lines.joined(separator: "\n")
    }
}
