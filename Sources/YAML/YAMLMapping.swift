import OrderedCollections
import TextFormats
import Yams

/// Strict reader of a YAML mapping: duplicate keys and keys that were never read are refused, and
/// every error names its line.
///
/// An alias (`*name`) stands for the value of its anchor. There are no merge keys: `<<` is a key like
/// any other.
package struct YAMLMapping {
    /// Largest text, in bytes; configurations have a few thousand.
    static let sizeLimit = 256 << 10
    /// Maximum number of aliases. With k of them a text can stand for 3^(k/3) times its length, all
    /// of which is compared if it is a key.
    static let aliasLimit = 16

    private struct Entry {
        let keyLine: Int?
        let value: YAMLValue
    }

    private let line: Int?
    private let entries: OrderedDictionary<String, Entry>
    private var known: Set<String> = []

    /// Parses a text whose root is a mapping.
    ///
    /// - Parameter otherwise: The error's reason if it is not.
    package init(
        parsing text: String, otherwise reason: String = "the file is to be a mapping, key: value"
    ) throws(YAMLError) {
        guard text.utf8.count <= Self.sizeLimit else {
            throw YAMLError(
                line: nil, reason: "the file is larger than \(Self.sizeLimit >> 10) KiB")
        }
        guard Self.aliasCount(text) <= Self.aliasLimit else {
            throw YAMLError(
                line: nil, reason: "the file has more than \(Self.aliasLimit) aliases (*name)")
        }
        let root: Node?
        do { root = try compose(yaml: text) } catch let error as YamlError {
            throw YAMLError(error)
        } catch {
            throw YAMLError(line: nil, reason: "\(error)")
        }
        guard let root else { throw YAMLError(line: nil, reason: "the file is empty") }
        try self.init(YAMLValue(node: root), otherwise: reason)
    }

    /// Number of words that begin with `*`, at most as many of which are aliases.
    private static func aliasCount(_ text: String) -> Int {
        var count = 0
        var previous = UInt8(ascii: " ")
        for byte in text.utf8 {
            if byte == UInt8(ascii: "*"), " \t\r\n[]{},:-?".utf8.contains(previous) { count += 1 }
            previous = byte
        }
        return count
    }

    private init(_ value: YAMLValue, otherwise reason: String) throws(YAMLError) {
        line = value.line
        guard let mapping = value.node.mapping else { throw YAMLError(line: line, reason: reason) }
        var entries: OrderedDictionary<String, Entry> = [:]
        for (key, value) in mapping {
            guard let word = key.string else {
                throw YAMLError(line: key.mark?.line, reason: "a key is no text")
            }
            // `1` and `"1"` are different keys of YAML.
            guard entries[word] == nil else {
                throw YAMLError(line: key.mark?.line, reason: "'\(word)' comes twice")
            }
            entries[word] = Entry(keyLine: key.mark?.line, value: YAMLValue(node: value))
        }
        self.entries = entries
    }

    /// The keys and their values, in the order of the file.
    package var elements: [(key: String, value: YAMLValue)] {
        entries.map { ($0.key, $0.value.value) }
    }

    /// The error for an invalid value of a key.
    package func refusal(_ key: String, _ reason: String) -> YAMLError {
        YAMLError(line: entries[key]?.keyLine ?? line, reason: "\(key): \(reason)")
    }

    /// The error for an invalid mapping.
    package func refusal(_ reason: String) -> YAMLError { YAMLError(line: line, reason: reason) }

    package func has(_ key: String) -> Bool { entries[key] != nil }

    /// Refuses keys that were never read.
    package func finish() throws(YAMLError) {
        guard let (key, entry) = entries.first(where: { !known.contains($0.key) }) else { return }
        throw YAMLError(
            line: entry.keyLine,
            reason: "unknown key '\(key)'; "
                + (NameSuggestions.question(for: key, among: known.sorted())
                    ?? "known are \(known.sorted().joined(separator: ", "))"))
    }

    /// Reads a nested mapping; empty if the key is missing.
    package mutating func section(_ key: String) throws(YAMLError) -> YAMLMapping {
        try YAMLMapping(
            take(key) ?? YAMLValue(node: .mapping([:])),
            otherwise: "'\(key)' is to be a mapping, key: value")
    }

    private mutating func take(_ key: String) -> YAMLValue? {
        known.insert(key)
        return entries[key]?.value
    }

    /// Reads a key; nil if it is missing.
    ///
    /// - Parameter expected: Describes the values that `convert` accepts, for the error.
    package mutating func value<Value>(
        _ key: String, _ expected: String, _ convert: (YAMLValue) -> Value?
    ) throws(YAMLError) -> Value? {
        guard let value = take(key) else { return nil }
        guard let converted = convert(value) else { throw refusal(key, "is to be \(expected)") }
        return converted
    }

    package mutating func text(_ key: String) throws(YAMLError) -> String? {
        try value(key, "a text", \.text)
    }

    package mutating func number(_ key: String) throws(YAMLError) -> Double? {
        try value(key, "a number", \.double)
    }

    package mutating func number(
        _ key: String, in range: ClosedRange<Double>
    ) throws(YAMLError) -> Double? {
        try value(key, "a number from \(range.lowerBound) to \(range.upperBound)") { value in
            value.double.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    package mutating func integer(
        _ key: String, in range: ClosedRange<Int>
    ) throws(YAMLError) -> Int? {
        let upper = range.upperBound == .max ? "" : " to \(range.upperBound)"
        return try value(key, "a number from \(range.lowerBound)\(upper)") { value in
            value.integer.flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

/// Settings with defaults, which a missing key does not change.
extension YAMLMapping {
    package mutating func read(
        _ key: String, _ value: inout Int, in range: ClosedRange<Int>
    ) throws(YAMLError) {
        value = try integer(key, in: range) ?? value
    }

    package mutating func read(_ key: String, _ value: inout Int) throws(YAMLError) {
        value = try self.value(key, "a whole number", \.integer) ?? value
    }

    package mutating func read(_ key: String, _ value: inout UInt64) throws(YAMLError) {
        value =
            try self.value(key, "a whole number from 0") {
                $0.integer.flatMap(UInt64.init(exactly:))
            } ?? value
    }

    package mutating func read(
        _ key: String, _ value: inout Double, in range: ClosedRange<Double>
    ) throws(YAMLError) {
        value = try number(key, in: range) ?? value
    }

    package mutating func read(_ key: String, _ value: inout Double) throws(YAMLError) {
        value = try number(key) ?? value
    }

    package mutating func read(_ key: String, _ value: inout Bool) throws(YAMLError) {
        value = try self.value(key, "true or false", \.bool) ?? value
    }

    package mutating func read(_ key: String, _ value: inout String) throws(YAMLError) {
        value = try text(key) ?? value
    }

    /// Reads a raw value of `Choice`.
    package mutating func read<Choice: RawRepresentable & CaseIterable>(
        _ key: String, _ value: inout Choice
    ) throws(YAMLError) where Choice.RawValue == String {
        value =
            try self.value(key, "one of \(Self.words(of: Choice.self, for: entries[key]?.value))") {
                $0.text.flatMap(Choice.init)
            } ?? value
    }

    /// Reads a raw value of `Choice`, or a list of them.
    package mutating func read<Choice: RawRepresentable & CaseIterable>(
        _ key: String, _ value: inout [Choice]
    ) throws(YAMLError) where Choice.RawValue == String {
        value =
            try self.value(
                key, "a list of \(Self.words(of: Choice.self, for: entries[key]?.value))"
            ) { value in
                guard let text = value.text else {
                    return value.elements { $0.text.flatMap(Choice.init) }
                }
                return Choice(rawValue: text).map { [$0] }
            } ?? value
    }

    /// All choices, and a suggestion for the first value that is none.
    private static func words<Choice: RawRepresentable & CaseIterable>(
        of choices: Choice.Type, for value: YAMLValue?
    ) -> String where Choice.RawValue == String {
        let words = Choice.allCases.map(\.rawValue)
        let texts = value?.text.map { [$0] } ?? value?.elements(\.text) ?? []
        let question = texts.first { !words.contains($0) }
            .flatMap { NameSuggestions.question(for: $0, among: words) }
        return words.joined(separator: ", ") + (question.map { "; \($0)" } ?? "")
    }

    /// Reads a text or a list of texts.
    package mutating func read(_ key: String, _ value: inout [String]) throws(YAMLError) {
        value =
            try self.value(key, "a text or a list of texts") { value in
                value.text.map { [$0] } ?? value.elements(\.text)
            } ?? value
    }

    /// Reads a list of integers, each at least 1.
    package mutating func read(_ key: String, _ value: inout [Int]?) throws(YAMLError) {
        value =
            try self.value(key, "a list of numbers from 1") { value in
                let integers = value.elements { $0.integer.flatMap { $0 >= 1 ? $0 : nil } }
                return integers?.isEmpty == false ? integers : nil
            } ?? value
    }
}
