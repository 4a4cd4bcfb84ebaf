import Foundation
import JSON

/// What an evaluation holds scores against: labels, pairs and ratings.
public struct Evidence: Sendable {
    /// An input of known class.
    public struct Labelled: Sendable, Hashable {
        public let input: String
        /// 1 proxy, 0 generated.
        public let label: Double
        /// Source, prompt, repository; nil: like no other input.
        public let group: String?
    }

    /// Two inputs of which people prefer the first.
    public struct Pair: Sendable, Hashable {
        public let winner: String
        public let loser: String
        public let group: String?
    }

    /// An input and what somebody else thinks of it: the more the better.
    public struct Rating: Sendable, Hashable {
        public let input: String
        public let rating: Double
        public let prompt: String?
    }

    /// Each input once.
    public private(set) var labelled: [Labelled] = []
    public private(set) var pairs: [Pair] = []
    public private(set) var ratings: [Rating] = []
    /// Degraded copies (`perturbed`) among the labelled inputs, which are no evidence and left out.
    public private(set) var perturbedCount = 0
    /// Lines and inputs that cannot be used.
    public private(set) var failures: [ScoreTable.Failure] = []
    private var labels: [String: Double] = [:]

    public init() {}

    public var isEmpty: Bool { labelled.isEmpty && pairs.isEmpty && ratings.isEmpty }

    /// What has to be scored, each input once.
    public var inputs: [String] {
        var seen: Set<String> = []
        let all =
            labelled.map(\.input) + pairs.flatMap { [$0.winner, $0.loser] } + ratings.map(\.input)
        return all.filter { seen.insert($0).inserted }
    }

    /// Adds one side, named as for `ganrm train`: inputs, or one list with keys `group`, `label` (0…1,
    /// instead of the side's) and `perturbed`.
    ///
    /// - Parameter label: The side's: 1 proxy, 0 generated.
    /// - Throws: `GANRMError.unreadable` for a list, `.evidence` for an input of two classes.
    public mutating func addSide(_ inputs: [String], label: Double) throws(GANRMError) {
        let requests = try RequestSource(side: inputs)
        while let request = requests.next() {
            if let reason = request.failure {
                failures.append(.init(input: request.input, reason: reason))
            } else {
                try addLabelled(
                    request.input, keys: .object(request.extras), label: label)
            }
        }
    }

    /// Adds the rows of `ganrm score` that carry a `label`, and gives the scores of all of them.
    ///
    /// - Parameter path: A file; `-` is standard input.
    /// - Throws: `GANRMError.unreadable`; `.evidence` for a line that is no row, one that comes twice
    ///   and rows of several models.
    public mutating func addRows(_ path: String) throws(GANRMError) -> ScoreTable {
        try ScoreTable(path: path) { (row) throws(GANRMError) in
            if row["label"] != nil, row["error"] == nil, let input = row["input"]?.stringValue {
                try addLabelled(input, keys: row, label: nil)
            }
        }
    }

    /// Adds one JSON object a line: `winner`, `loser` and perhaps `group`.
    ///
    /// - Throws: `GANRMError.unreadable`.
    public mutating func addPairs(_ path: String) throws(GANRMError) {
        for (number, line) in try EvidenceFile.lines(of: path) {
            let row = try? JSONValue(parsing: line)
            if let winner = row?["winner"]?.stringValue, let loser = row?["loser"]?.stringValue {
                pairs.append(
                    Pair(winner: winner, loser: loser, group: row?["group"].map(\.name)))
            } else {
                fail(path, number, "no JSON object with the texts \"winner\" and \"loser\"")
            }
        }
    }

    /// Adds ratings: a table with a header (`.csv`) or one JSON object a line, with `input` (or
    /// `path`), `rating` and perhaps `prompt`.
    ///
    /// - Throws: `GANRMError.unreadable`; `.evidence` for a table that is none.
    public mutating func addRatings(_ path: String) throws(GANRMError) {
        for (number, row) in try EvidenceFile.ratings(of: path) {
            guard let input = (row["input"] ?? row["path"])?.stringValue, !input.isEmpty else {
                fail(path, number, "no \"input\" or \"path\" that is a text")
                continue
            }
            // Everything in a table is a text.
            let rating = row["rating"].flatMap {
                $0.doubleValue ?? $0.stringValue.flatMap(Double.init)
            }
            guard let rating, rating.isFinite else {
                fail(path, number, "the rating of '\(input)' is not a number")
                continue
            }
            let prompt = row["prompt"].map(\.name) ?? ""
            ratings.append(
                Rating(input: input, rating: rating, prompt: prompt.isEmpty ? nil : prompt))
        }
    }

    private mutating func addLabelled(
        _ input: String, keys: JSONValue, label side: Double?
    ) throws(GANRMError) {
        if keys["perturbed"] == .bool(true) {
            perturbedCount += 1
            return
        }
        guard let label = keys["label"].map(\.doubleValue) ?? side, (0...1).contains(label) else {
            failures.append(
                .init(input: input, reason: "'\(input)': the label is not a number from 0 to 1"))
            return
        }
        if let known = labels[input] {
            guard known == label else {
                throw .evidence(
                    "'\(input)' has two labels, \(known) and \(label); name it on one side only")
            }
            return
        }
        labels[input] = label
        labelled.append(
            Labelled(input: input, label: label, group: keys["group"].map(\.name)))
    }

    private mutating func fail(_ path: String, _ number: Int, _ reason: String) {
        failures.append(.init(input: "\(path):\(number)", reason: "\(path):\(number): \(reason)"))
    }
}
