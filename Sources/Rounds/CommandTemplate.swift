import TextFormats

/// A user-supplied command line with placeholders such as `{output}`.
public enum CommandTemplate: Sendable, Hashable {
    /// A program and its arguments, run without a shell.
    case arguments([String])
    /// A line for `sh -c`; each placeholder becomes a single word, quoted if needed.
    case shell(String)

    /// The program and its arguments with placeholders replaced by their values.
    ///
    /// `{{word}}` is the escape for a literal `{word}`.
    package func filled(_ values: [Placeholder: String]) -> [String] {
        func value(_ placeholder: Placeholder) -> String {
            guard let value = values[placeholder] else {
                preconditionFailure("{\(placeholder.rawValue)} has no value")
            }
            return value
        }
        return switch self {
        case .arguments(let words): words.map { Self.replace(in: $0, value) }
        case .shell(let line):
            ["/bin/sh", "-c", Self.replace(in: line) { ShellWord.quoted(value($0)) }]
        }
    }

    /// The placeholders in use, and the words in braces that are not placeholders.
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

    /// The template as written in the file, for comparison with saved settings.
    var texts: [String] {
        switch self {
        case .arguments(let words): words
        case .shell(let line): [line]
        }
    }

    /// A shell command line that splits into these words.
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
            // An unbalanced brace beside a placeholder is kept.
            let placeholder = Placeholder(rawValue: String(match.output.1))
            return (whole.hasPrefix("{{") ? "{" : "")
                + (placeholder.map(value) ?? "{\(match.output.1)}")
                + (whole.hasSuffix("}}") ? "}" : "")
        }
    }
}
