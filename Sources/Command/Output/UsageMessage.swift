import ArgumentParser
import Foundation
import TextFormats

/// Usage errors of ArgumentParser, with suggestions for misspelt commands and values. For misspelt
/// options ArgumentParser has suggestions of its own.
enum UsageMessage {
    /// - Parameters:
    ///   - message: ArgumentParser's message, with the usage in its last lines.
    ///   - arguments: The command line without the program's name.
    static func text(_ message: String, arguments: [String]) -> String {
        guard let (word, names, command) = unknownCommand(in: arguments) else {
            return suggestingOption(
                in: suggestingValue(in: message), arguments: arguments)
        }
        let question = NameSuggestions.question(for: word, among: names)
        let usage = message.drop { $0 != "\n" }
        return "Error: '\(word)' is no command of \(command)\(question.map { "; \($0)" } ?? "")"
            + usage
    }

    /// A suggestion for the command line of a failed default subcommand, which may have taken a
    /// misspelt command for a file: `ganrm study maek`; nil if nothing is similar.
    static func suggestion(forFileIn arguments: [String]) -> String? {
        guard let (word, names, command) = unknownCommand(in: arguments),
            let question = NameSuggestions.question(for: word, among: names)
        else { return nil }
        return "'\(word)' is no command of \(command) either; \(question)"
    }

    /// The first word where a subcommand is expected, if it is none, with the names of the
    /// subcommands and the parent command. A command with a default subcommand has no unknown ones,
    /// unless the word is similar to one and no file.
    static func unknownCommand(
        in arguments: [String]
    ) -> (word: String, names: [String], command: String)? {
        var command: any ParsableCommand.Type = Command.self
        var path = ["ganrm"]
        for word in arguments {
            let subcommands = command.configuration.subcommands
            guard !subcommands.isEmpty, !word.hasPrefix("-") else { return nil }
            if let next = subcommands.first(where: { $0._commandName == word }) {
                command = next
                path.append(word)
                continue
            }
            if word == "help" && path.count == 1 { return nil }
            let names = subcommands.map { $0._commandName }
            if command.configuration.defaultSubcommand != nil,
                FileManager.default.fileExists(atPath: word)
                    || NameSuggestions.names(like: word, among: names).isEmpty
            {
                return nil
            }
            return (word, names, path.joined(separator: " "))
        }
        return nil
    }

    /// The message for `ganrm help COMMAND` if there is no such command.
    static func text(forHelpOn arguments: [String]) -> String? {
        guard arguments.first == "help",
            let (word, names, command) = unknownCommand(in: Array(arguments.dropFirst()))
        else { return nil }
        let question = NameSuggestions.question(for: word, among: names)
        return "Error: '\(word)' is no command of \(command)\(question.map { "; \($0)" } ?? "")"
            + "\nUsage: ganrm help <subcommand> ..."
    }

    /// Names a misspelt option where ArgumentParser does not: if it reports that a required option is
    /// missing, and for `--help` and `--version`.
    private static func suggestingOption(in message: String, arguments: [String]) -> String {
        if let match = message.firstMatch(of: #/Missing expected argument '(--[a-z-]+)/#) {
            let expected = String(match.output.1)
            let options = arguments.map { String($0.prefix { $0 != "=" }) }
            guard
                let misspelt = options.first(where: {
                    $0.hasPrefix("--") && $0 != expected
                        && NameSuggestions.editDistance($0, expected) <= 2
                })
            else { return message }
            return "Error: Unknown option '\(misspelt)'. Did you mean '\(expected)'?"
                + message.drop { $0 != "\n" }
        }
        if let match = message.firstMatch(of: #/Unknown option '(--[^']+)'(?!\. Did)/#),
            let name = NameSuggestions.names(
                like: String(match.output.1), among: ["--help", "--version"]
            ).first
        {
            return message.replacingCharacters(
                in: match.range, with: match.output.0 + ". Did you mean '\(name)'?")
        }
        return message
    }

    /// Adds a suggestion to ArgumentParser's message for a value that is not in an option's list: "The
    /// value 'tabel' is invalid for '--format <format>'. Please provide one of 'table' and 'json'."
    /// Longer lists have a line for each value. Other messages are returned unchanged.
    private static func suggestingValue(in message: String) -> String {
        let pattern = #/The value '(.*?)' is invalid for '.*?'(?=\. Please provide one of (.*))/#
        guard let match = message.firstMatch(of: pattern) else { return message }
        let inLine = match.output.2.matches(of: #/'([^']*)'/#).map { String($0.output.1) }
        let listed = message[match.range.upperBound...]
            .matches(of: #/\n  - (\S+)/#).map { String($0.output.1) }
        guard
            let question = NameSuggestions.question(
                for: String(match.output.1), among: inLine + listed)
        else { return message }
        var message = message
        message.replaceSubrange(
            match.range.upperBound..<message.index(after: match.range.upperBound),
            with: "; \(question)")
        return message
    }
}
