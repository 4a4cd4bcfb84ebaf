/// How a file's name says which prompt it belongs to.
public struct NamePattern: Sendable, Hashable {
    /// A regular expression with at least one of the named groups `group`, `number` and `prompt`.
    public let text: String

    /// `0007_2` and `a cat-1` belong to `0007` and `a cat`.
    public static let usual = NamePattern(known: "(?<group>.+)[-_](?<candidate>[0-9]+)")

    private static let names: Set = ["group", "number", "prompt"]

    private init(known text: String) { self.text = text }

    /// - Throws: `PreferenceError.pattern`.
    public init(_ text: String) throws(PreferenceError) {
        do {
            let regex = try Regex(text)
            _ = "".wholeMatch(of: regex)
        } catch {
            throw .pattern(text: text, reason: "\(error)")
        }
        guard Self.names.contains(where: { text.contains("(?<\($0)>") }) else {
            throw .pattern(
                text: text, reason: "it names none of (?<group>…), (?<number>…) and (?<prompt>…)")
        }
        self.text = text
    }

    /// What a name says.
    struct Match {
        /// `group`, else `number`, else `prompt`.
        var group: String
        var number: Int?
        var prompt: String?
    }

    /// Matches names; made once for many.
    struct Matcher {
        private let regex: Regex<AnyRegexOutput>?
        private let isUsual: Bool

        init(_ pattern: NamePattern) {
            isUsual = pattern == .usual
            // Was compiled before, when it was checked.
            regex = isUsual ? nil : try? Regex(pattern.text)
        }

        /// - Parameter name: Without its extension.
        func match(_ name: String) -> Match? {
            // A million names take a second by hand and a minute by regular expression.
            guard !isUsual else { return Self.usualMatch(name) }
            guard let regex, let match = try? regex.wholeMatch(in: name) else { return nil }
            func value(_ key: String) -> String? {
                match.output.first { $0.name == key }?.substring.map(String.init)
            }
            let (group, number, prompt) = (value("group"), value("number"), value("prompt"))
            guard let key = group ?? number ?? prompt else { return nil }
            return Match(group: key, number: number.flatMap { Int($0) }, prompt: prompt)
        }

        private static func usualMatch(_ name: String) -> Match? {
            let bytes = name.utf8
            let digits = bytes.reversed().prefix { (0x30...0x39).contains($0) }.count
            guard digits > 0 else { return nil }
            let rest = bytes.dropLast(digits)
            guard rest.count > 1, rest.last == UInt8(ascii: "_") || rest.last == UInt8(ascii: "-")
            else { return nil }
            return Match(group: String(Substring(rest.dropLast())))
        }
    }
}
