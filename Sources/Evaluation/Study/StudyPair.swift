import Files
public import TextFormats

/// Two inputs to be compared by raters, with the head's margin.
public struct StudyPair: Sendable, Hashable {
    /// The prompt, or the group's name if the prompt is unknown.
    public let prompt: String
    public let chosen: String
    public let rejected: String
    /// Logit of `chosen` minus logit of `rejected`; nil without scores. It may be negative if the
    /// pair compares two generators.
    public let margin: Double?

    /// The key that identifies the same pair across studies.
    var identity: [ByteString] {
        [ByteString(prompt), ByteString(chosen), ByteString(rejected)]
    }

    /// Reads a row of `ganrm pairs`; nil if the row has no `chosen` or `rejected`.
    public init?(row: JSONValue) {
        guard let chosen = row["chosen"]?.stringValue, let rejected = row["rejected"]?.stringValue
        else { return nil }
        self.chosen = chosen
        self.rejected = rejected
        prompt =
            row["prompt"]?.stringValue
            ?? row["group"]?.name ?? ""
        if let high = row["chosen_logit"]?.doubleValue, let low = row["rejected_logit"]?.doubleValue
        {
            margin = high - low
        } else {
            margin = row["margin"]?.doubleValue
        }
    }

    /// Reads the rows of `ganrm pairs`.
    ///
    /// - Parameter path: JSON lines; `-` is standard input.
    /// - Throws: `EvaluationError.file`; `.notRows` with the first line that is not such a row.
    public static func read(_ path: String) throws(EvaluationError) -> [StudyPair] {
        var pairs: [StudyPair] = []
        for (number, line) in try LineReader.lines(of: path, failing: EvaluationError.file) {
            guard let pair = (try? JSONValue(parsing: line)).flatMap({ StudyPair(row: $0) }) else {
                throw .notRows(
                    of: "ganrm pairs", path: path, line: number,
                    reason: "no JSON object with the texts \"chosen\" and \"rejected\"")
            }
            pairs.append(pair)
        }
        return pairs
    }

    /// The members of a row that `init(row:)` reads.
    var members: [JSONValue.Member] {
        [
            .init("prompt", .string(prompt)), .init("chosen", .string(chosen)),
            .init("rejected", .string(rejected)),
        ] + (margin.map { [.init("margin", .number($0))] } ?? [])
    }
}
