import Foundation

/// A help screen of ArgumentParser as it is printed: a command's own options come before the groups
/// that it shares with other commands, and examples come last.
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
            let hasArguments = blocks[usage + 1].hasPrefix("ARGUMENTS:\n")
            blocks.insert(blocks.remove(at: options), at: usage + (hasArguments ? 2 : 1))
        }
        blocks.append("EXAMPLES:\n" + examples.map { "  \($0)" }.joined(separator: "\n"))
        return blocks.joined(separator: "\n\n")
    }
}
