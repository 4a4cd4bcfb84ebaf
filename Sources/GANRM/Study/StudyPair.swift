public import JSON

/// Two inputs that people are asked to compare, and what the head thinks of them.
public struct StudyPair: Sendable, Hashable {
    /// What the generator was asked for, or the group's name if nobody said it.
    public let prompt: String
    public let chosen: String
    public let rejected: String
    /// The chosen one's logit minus the rejected one's; of two models' outputs perhaps below 0; nil if
    /// there are no scores.
    public let margin: Double?

    /// What makes it the same pair in two studies.
    var identity: [String] { [prompt, chosen, rejected] }

    /// Reads a row of `ganrm pairs`; nil if it is none.
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
    /// - Parameter path: `-` is standard input.
    /// - Throws: `GANRMError.unreadable`; `.notRows` with the line that is none.
    public static func read(_ path: String) throws(GANRMError) -> [StudyPair] {
        var pairs: [StudyPair] = []
        for (number, line) in try EvidenceFile.lines(of: path) {
            guard let pair = (try? JSONValue(parsing: line)).flatMap({ StudyPair(row: $0) }) else {
                throw .notRows(
                    of: "ganrm pairs", path: path, line: number,
                    reason: "no JSON object with the texts \"chosen\" and \"rejected\"")
            }
            pairs.append(pair)
        }
        return pairs
    }

    /// As a row that `init(row:)` reads.
    var json: JSONValue {
        .object(
            [
                .init("prompt", .string(prompt)), .init("chosen", .string(chosen)),
                .init("rejected", .string(rejected)),
            ] + (margin.map { [.init("margin", .number($0))] } ?? []))
    }
}
