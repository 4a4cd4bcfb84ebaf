import Yams

/// Strict reader of a YAML mapping: keys that are never read are refused, and every error names its
/// line.
struct SettingsReader {
    private let path: String
    private let line: Int?
    private let values: [String: Node]
    private let keys: [(name: String, line: Int?)]
    private var known: Set<String> = []

    /// Reads a file whose root is a mapping.
    ///
    /// - Throws: `RoundsError.configuration` or `.file`.
    init(path: String) throws(RoundsError) {
        let text = try readText(path)
        let document: Node?
        do { document = try compose(yaml: text) } catch let error as YamlError {
            throw Self.refusal(path, error)
        } catch {
            throw .configuration(path: path, line: nil, reason: "\(error)")
        }
        guard let document else {
            throw .configuration(path: path, line: nil, reason: "the file is empty")
        }
        try self.init(document, path: path, name: "the file")
    }

    private init(_ node: Node, path: String, name: String) throws(RoundsError) {
        self.path = path
        line = node.mark?.line
        guard case .mapping(let mapping) = node else {
            throw .configuration(
                path: path, line: node.mark?.line, reason: "\(name) is to be a mapping, key: value")
        }
        var values: [String: Node] = [:]
        var keys: [(String, Int?)] = []
        for (key, value) in mapping {
            guard let word = key.string else {
                throw .configuration(path: path, line: key.mark?.line, reason: "a key is no text")
            }
            values[word] = value
            keys.append((word, key.mark?.line))
        }
        self.values = values
        self.keys = keys
    }

    private static func refusal(_ path: String, _ error: YamlError) -> RoundsError {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            .configuration(path: path, line: mark.line, reason: problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            .configuration(
                path: path, line: context.mark.line,
                reason: "'\(duplicates.first ?? "?")' comes twice")
        default:
            .configuration(path: path, line: nil, reason: "\(error)")
        }
    }

    /// The error for an invalid value of a key.
    func refusal(_ key: String, _ reason: String) -> RoundsError {
        .configuration(
            path: path, line: keys.first { $0.name == key }?.line ?? line,
            reason: "\(key): \(reason)")
    }

    /// The error for an invalid mapping.
    func refusal(_ reason: String) -> RoundsError {
        .configuration(path: path, line: line, reason: reason)
    }

    func has(_ key: String) -> Bool { values[key] != nil }

    /// Refuses keys that were never read.
    func finish() throws(RoundsError) {
        guard let key = keys.first(where: { !known.contains($0.name) }) else { return }
        throw .configuration(
            path: path, line: key.line,
            reason: "unknown key '\(key.name)'; known are \(known.sorted().joined(separator: ", "))"
        )
    }

    private mutating func take(_ key: String) -> Node? {
        known.insert(key)
        return values[key]
    }

    /// Reads a key, if present; `expected` describes valid values in the error.
    private mutating func read<Value>(
        _ key: String, _ value: inout Value, _ expected: String, _ convert: (Node) -> Value?
    ) throws(RoundsError) {
        guard let node = take(key) else { return }
        guard let found = convert(node) else { throw refusal(key, "is to be \(expected)") }
        value = found
    }

    mutating func read(
        _ key: String, _ value: inout Int, in range: ClosedRange<Int>
    ) throws(RoundsError) {
        try read(
            key, &value,
            range.upperBound == .max
                ? "a number from \(range.lowerBound)"
                : "a number from \(range.lowerBound) to \(range.upperBound)"
        ) { node in node.int.flatMap { range.contains($0) ? $0 : nil } }
    }

    mutating func read(_ key: String, _ value: inout Int) throws(RoundsError) {
        try read(key, &value, "a whole number") { $0.int }
    }

    mutating func read(_ key: String, _ value: inout UInt64) throws(RoundsError) {
        try read(key, &value, "a whole number from 0") { $0.int.flatMap(UInt64.init(exactly:)) }
    }

    mutating func read(_ key: String, _ value: inout Double) throws(RoundsError) {
        try read(key, &value, "a number") { $0.float }
    }

    mutating func read(_ key: String, _ value: inout Bool) throws(RoundsError) {
        try read(key, &value, "true or false") { $0.bool }
    }

    mutating func read(_ key: String, _ value: inout String) throws(RoundsError) {
        try read(key, &value, "a text") { Self.text($0) }
    }

    /// Reads a raw value of `Choice`.
    mutating func read<Choice: RawRepresentable & CaseIterable>(
        _ key: String, _ value: inout Choice
    ) throws(RoundsError) where Choice.RawValue == String {
        let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        try read(key, &value, "one of \(words)") { Self.text($0).flatMap(Choice.init) }
    }

    /// Reads a raw value of `Choice`, or a list of them.
    mutating func read<Choice: RawRepresentable & CaseIterable>(
        _ key: String, _ value: inout [Choice]
    ) throws(RoundsError) where Choice.RawValue == String {
        let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        try read(key, &value, "a list of \(words)") { node in
            let texts = Self.text(node).map { [$0] } ?? Self.texts(node)
            let choices = texts?.compactMap(Choice.init)
            return choices?.count == texts?.count ? choices : nil
        }
    }

    /// Reads an optional string.
    mutating func optionalText(_ key: String) throws(RoundsError) -> String? {
        guard has(key) else {
            known.insert(key)
            return nil
        }
        var value = ""
        try read(key, &value)
        return value
    }

    /// Reads an optional number.
    mutating func optionalNumber(_ key: String) throws(RoundsError) -> Double? {
        guard has(key) else {
            known.insert(key)
            return nil
        }
        var value = 0.0
        try read(key, &value)
        return value
    }

    /// Reads an optional integer.
    mutating func optionalInteger(
        _ key: String, in range: ClosedRange<Int>
    ) throws(RoundsError) -> Int? {
        guard has(key) else {
            known.insert(key)
            return nil
        }
        var value = 0
        try read(key, &value, in: range)
        return value
    }

    /// Reads a string or a list of strings.
    mutating func read(_ key: String, _ value: inout [String]) throws(RoundsError) {
        try read(key, &value, "a text or a list of texts") { node in
            if let text = Self.text(node) { return [text] }
            return Self.texts(node)
        }
    }

    /// Reads a list of integers, each at least 1.
    mutating func read(_ key: String, _ value: inout [Int]?) throws(RoundsError) {
        try read(key, &value, "a list of numbers from 1") { node in
            guard case .sequence(let elements) = node, !elements.isEmpty else { return nil }
            let integers = elements.compactMap(\.int).filter { $0 >= 1 }
            return integers.count == elements.count ? integers : nil
        }
    }

    /// Reads a required command: a list of words, or a line for a shell.
    mutating func command(_ key: String) throws(RoundsError) -> CommandTemplate {
        var value = CommandTemplate.arguments([])
        try read(key, &value, "a line for a shell, or a list of a program and its arguments") {
            node in
            if let text = Self.text(node) { return text.isEmpty ? nil : .shell(text) }
            return Self.texts(node).flatMap { $0.isEmpty ? nil : .arguments($0) }
        }
        guard has(key) else { throw refusal("'\(key)' is missing") }
        return value
    }

    /// Reads an optional duration: a number with the unit s, m, h or d, by default seconds.
    mutating func optionalDuration(_ key: String) throws(RoundsError) -> Duration? {
        var value: Duration?
        try read(key, &value, "a time above 0, as 90, 90s, 15m, 12h or 2d") { node in
            guard var text = Self.text(node) else { return nil }
            let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
            let unit = text.last.flatMap { units[$0] }
            if unit != nil { text.removeLast() }
            guard let count = Double(text), count > 0, count < 1e8 else { return nil }
            return .seconds(count * (unit ?? 1))
        }
        return value
    }

    /// Reads a nested mapping; empty if the key is missing.
    mutating func section(_ key: String) throws(RoundsError) -> SettingsReader {
        let node = take(key) ?? Node.mapping([:])
        return try SettingsReader(node, path: path, name: "'\(key)'")
    }

    /// The source text of a scalar; nil for null and for other nodes.
    private static func text(_ node: Node) -> String? {
        guard case .scalar(let scalar) = node, node.null == nil else { return nil }
        return scalar.string
    }

    private static func texts(_ node: Node) -> [String]? {
        guard case .sequence(let elements) = node else { return nil }
        let texts = elements.compactMap(text)
        return texts.count == elements.count ? texts : nil
    }
}
