import YAML

extension YAMLMapping {
    /// Reads a required command: a list of words, or a line for a shell.
    mutating func command(_ key: String) throws(YAMLError) -> CommandTemplate {
        let command = try value(
            key, "a line for a shell, or a list of a program and its arguments"
        ) { value -> CommandTemplate? in
            if let text = value.text { return text.isEmpty ? nil : .shell(text) }
            return value.elements(\.text).flatMap { $0.isEmpty ? nil : .arguments($0) }
        }
        guard let command else { throw refusal("'\(key)' is missing") }
        return command
    }

    /// Reads an optional duration: a number with the unit s, m, h or d, by default seconds.
    mutating func duration(_ key: String) throws(YAMLError) -> Duration? {
        try value(key, "a time above 0, as 90, 90s, 15m, 12h or 2d") { value in
            guard var text = value.text else { return nil }
            let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
            let unit = text.last.flatMap { units[$0] }
            if unit != nil { text.removeLast() }
            guard let count = Double(text), count > 0, count < 1e8 else { return nil }
            return .seconds(count * (unit ?? 1))
        }
    }
}
