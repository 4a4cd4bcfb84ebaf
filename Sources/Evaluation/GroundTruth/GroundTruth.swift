import Files
import Foundation
import OrderedCollections
public import Pipeline
import Reward
import Scoring
import TextFormats

/// The ground truth of an evaluation: labels, preference pairs and ratings.
public struct GroundTruth: Sendable {
    /// An input with a class label.
    public struct Labelled: Sendable, Hashable {
        public let input: String
        /// 1 for proxy, 0 for generated; values between are soft labels.
        public let label: Double
        /// Source, prompt or repository; nil if the input is independent of all others.
        public let group: String?
    }

    /// Two inputs; people prefer `winner`.
    public struct Pair: Sendable, Hashable {
        public let winner: String
        public let loser: String
        public let group: String?
    }

    /// An input and its rating by people or by another metric; higher is better.
    public struct Rating: Sendable, Hashable {
        public let input: String
        public let rating: Double
        public let prompt: String?
    }

    /// Labelled inputs, each once.
    public private(set) var labelled: [Labelled] = []
    public private(set) var pairs: [Pair] = []
    public private(set) var ratings: [Rating] = []
    /// Degraded copies among the labelled inputs; left out, since they are not ground truth.
    public private(set) var degradedCount = 0
    /// Lines and inputs that could not be used.
    public private(set) var failures: [ScoreTable.Failure] = []
    private var labels: [ByteString: Double] = [:]

    public init() {}

    public var isEmpty: Bool { labelled.isEmpty && pairs.isEmpty && ratings.isEmpty }

    /// The inputs to score, each once.
    public var inputs: [String] {
        let all =
            labelled.map(\.input) + pairs.flatMap { [$0.winner, $0.loser] } + ratings.map(\.input)
        return OrderedSet(all.map { ByteString($0) }).map(\.text)
    }

    /// Adds the inputs of one class, given as for `ganrm train`: inputs, or one list, whose keys may
    /// be `SampleAnnotations`.
    ///
    /// - Parameter label: The label of inputs without one: 1 for proxy, 0 for generated.
    /// - Throws: `PipelineError.file` for a list that cannot be read, `EvaluationError.groundTruth`
    ///   for an input with two different labels.
    public mutating func addSide(_ inputs: [String], label: Double) throws {
        let requests = try RequestSource(side: inputs)
        while let request = requests.next() {
            if let reason = request.failure {
                failures.append(.init(input: request.input, reason: reason))
            } else {
                try addLabelled(request.input, request.annotations, sideLabel: label)
            }
        }
    }

    /// Reads rows of `ganrm score` and adds those that have a `label`.
    ///
    /// - Parameter path: JSON lines; `-` is standard input.
    /// - Returns: The scores of all rows.
    /// - Throws: The errors of `ScoreTable.init(path:)`, and `EvaluationError.groundTruth` for an
    ///   input with two labels.
    public mutating func addRows(_ path: String) throws -> ScoreTable {
        try ScoreTable(path: path) { row in
            let annotations = SampleAnnotations(row: row.json)
            let hasLabel = annotations.label != nil || annotations.invalidKeys.contains(.label)
            if hasLabel, !row.hasFailed, let input = row.input {
                try addLabelled(input, annotations, sideLabel: nil)
            }
        }
    }

    /// Adds preference pairs from JSON lines with the keys `winner`, `loser` and, optionally,
    /// `group`.
    ///
    /// - Throws: `EvaluationError.file`.
    public mutating func addPairs(_ path: String) throws(EvaluationError) {
        for (number, row) in try AnnotationFile.rows(of: path) {
            guard let row else {
                fail(path, number, "the line is not UTF-8")
                continue
            }
            if let winner = row["winner"]?.stringValue, let loser = row["loser"]?.stringValue {
                pairs.append(
                    Pair(winner: winner, loser: loser, group: row["group"].map(\.name)))
            } else {
                fail(path, number, "no JSON object with the texts \"winner\" and \"loser\"")
            }
        }
    }

    /// Adds ratings from a `.csv` table with a header or from JSON lines, with the columns or keys
    /// `input` (or `path`), `rating` and, optionally, `prompt`.
    ///
    /// - Throws: `EvaluationError.file`; `.groundTruth` for a malformed table.
    public mutating func addRatings(_ path: String) throws(EvaluationError) {
        for (number, row) in try AnnotationFile.ratings(of: path) {
            guard let row else {
                fail(path, number, "the line is not UTF-8")
                continue
            }
            guard let input = (row["input"] ?? row["path"])?.stringValue, !input.isEmpty else {
                fail(path, number, "no \"input\" or \"path\" that is a text")
                continue
            }
            // CSV fields are strings.
            let rating = row["rating"].flatMap {
                $0.doubleValue ?? $0.stringValue.flatMap(Double.init)
            }
            guard let rating, Score.isWithinLimit(rating) else {
                fail(path, number, "the rating of '\(input)' is not a number up to 1e38")
                continue
            }
            let prompt = row["prompt"].map(\.name) ?? ""
            ratings.append(
                Rating(input: input, rating: rating, prompt: prompt.isEmpty ? nil : prompt))
        }
    }

    private mutating func addLabelled(
        _ input: String, _ annotations: SampleAnnotations, sideLabel: Double?
    ) throws(EvaluationError) {
        if annotations.isDegraded {
            degradedCount += 1
            return
        }
        guard !annotations.invalidKeys.contains(.label),
            let label = annotations.label ?? sideLabel, (0...1).contains(label)
        else {
            failures.append(
                .init(input: input, reason: "'\(input)': the label is not a number from 0 to 1"))
            return
        }
        if let known = labels[input] {
            guard known == label else {
                throw .groundTruth(
                    "'\(input)' has two labels, \(known) and \(label); name it on one side only")
            }
            return
        }
        labels[input] = label
        labelled.append(Labelled(input: input, label: label, group: annotations.group))
    }

    private mutating func fail(_ path: String, _ line: Int, _ reason: String) {
        failures.append(.init(input: "\(path):\(line)", reason: "\(path):\(line): \(reason)"))
    }
}
