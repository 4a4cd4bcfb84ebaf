import Yams

/// A malformed YAML text, or an invalid value in it.
package struct YAMLError: Error, Hashable {
    /// One-based; nil if unknown.
    package let line: Int?
    package let reason: String

    package init(line: Int?, reason: String) {
        self.line = line
        self.reason = reason
    }

    init(_ error: YamlError) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            self.init(line: mark.line, reason: problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            self.init(
                line: context.mark.line, reason: "'\(duplicates.first ?? "?")' comes twice")
        default:
            self.init(line: nil, reason: "\(error)")
        }
    }
}
