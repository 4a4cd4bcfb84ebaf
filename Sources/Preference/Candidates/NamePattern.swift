/// A pattern that extracts a prompt, or its number, from a file name.
public struct NamePattern: Sendable, Hashable {
    /// A regular expression with at least one of the named groups `group`, `number` and `prompt`.
    public let text: String

    /// The default pattern: `0007_2` and `a cat-1` belong to `0007` and `a cat`. Names of known
    /// generators (`NamingScheme`) are recognized first.
    public static let usual = NamePattern(unchecked: "(?<group>.+)[-_](?<candidate>[0-9]+)")

    private static let groupNames: Set = ["group", "number", "prompt"]

    private init(unchecked text: String) { self.text = text }

    /// Checks and stores a regular expression.
    ///
    /// - Throws: `PreferenceError.pattern`.
    public init(_ text: String) throws(PreferenceError) {
        do {
            let regex = try Regex(text)
            _ = "".wholeMatch(of: regex)
        } catch {
            throw .pattern(text: text, reason: "\(error)")
        }
        guard Self.groupNames.contains(where: { text.contains("(?<\($0)>") }) else {
            throw .pattern(
                text: text, reason: "it names none of (?<group>…), (?<number>…) and (?<prompt>…)")
        }
        self.text = text
    }

    /// The captures of a matched name.
    struct Match {
        /// `group`, else `number`, else `prompt`.
        var group: String
        var number: Int?
        var prompt: String?
    }

    /// A compiled pattern, for matching many names.
    struct Matcher {
        /// Nil for the usual pattern.
        private let regex: Regex<AnyRegexOutput>?

        init(_ pattern: NamePattern) {
            guard pattern != .usual else {
                regex = nil
                return
            }
            guard let regex = try? Regex(pattern.text) else {
                preconditionFailure("`NamePattern.init` compiled the same text")
            }
            self.regex = regex
        }

        /// - Parameters:
        ///   - name: Without its extension.
        ///   - folder: Group of the names that do not tell their prompt.
        func match(_ name: String, folder: String) -> Match? {
            // For a million names this takes a second, a regular expression a minute.
            guard let regex else {
                return NamingScheme.group(of: name).map { group in
                    switch group {
                    case .name(let name): Match(group: name)
                    case .folder: Match(group: folder)
                    }
                }
            }
            guard let match = name.wholeMatch(of: regex) else { return nil }
            func value(_ key: String) -> String? {
                match.output.first { $0.name == key }?.substring.map(String.init)
            }
            let (group, number, prompt) = (value("group"), value("number"), value("prompt"))
            guard let key = group ?? number ?? prompt else { return nil }
            return Match(group: key, number: number.flatMap { Int($0) }, prompt: prompt)
        }
    }
}
