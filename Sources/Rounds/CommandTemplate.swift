import GANRM

/// A program that a user wants to be run in each round, with placeholders such as `{output}`.
public enum CommandTemplate: Sendable, Hashable {
    /// A program and its arguments, run as they are.
    case arguments([String])
    /// A line for `sh -c`; placeholders are put in as single words, quoted where they need it.
    case shell(String)

    /// The program and its arguments, with the placeholders' values put in.
    ///
    /// `{{word}}` stands for `{word}` itself.
    package func filled(_ values: [Placeholder: String]) -> [String] {
        switch self {
        case .arguments(let words):
            words.map { word in Self.replace(in: word) { values[$0] ?? "" } }
        case .shell(let line):
            ["/bin/sh", "-c", Self.replace(in: line) { ShellWord.quoted(values[$0] ?? "") }]
        }
    }

    /// The placeholders that it uses, and the words in braces that are none.
    package var names: (known: Set<Placeholder>, unknown: [String]) {
        var known: Set<Placeholder> = []
        var unknown: [String] = []
        for text in texts {
            for match in text.matches(of: Self.pattern) where !match.output.0.hasPrefix("{{") {
                let word = String(match.output.1)
                if let placeholder = Placeholder(rawValue: word) {
                    known.insert(placeholder)
                } else {
                    unknown.append(word)
                }
            }
        }
        return (known, unknown)
    }

    /// What it says in the file, to compare it with what it said before.
    var texts: [String] {
        switch self {
        case .arguments(let words): words
        case .shell(let line): [line]
        }
    }

    /// A command line that a shell would take apart into these words.
    static func line(_ words: [String]) -> String {
        words.map(ShellWord.quoted).joined(separator: " ")
    }

    private nonisolated(unsafe) static let pattern = /\{?\{([a-z_]+)\}\}?/

    private static func replace(in text: String, _ value: (Placeholder) -> String) -> String {
        text.replacing(pattern) { match in
            let whole = match.output.0
            if whole.hasPrefix("{{") && whole.hasSuffix("}}") {
                return String(whole.dropFirst().dropLast())
            }
            // A lone brace beside a placeholder stays where it was.
            let placeholder = Placeholder(rawValue: String(match.output.1))
            return (whole.hasPrefix("{{") ? "{" : "")
                + (placeholder.map(value) ?? "{\(match.output.1)}")
                + (whole.hasSuffix("}}") ? "}" : "")
        }
    }
}
