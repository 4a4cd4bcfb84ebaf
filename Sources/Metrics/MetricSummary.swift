import Foundation
import Pipeline
public import Scoring
public import Statistics
public import TextFormats

/// The means of metrics over many inputs, with confidence intervals.
///
/// Rows of one prompt are one group of the bootstrap: candidates of a prompt are alike.
public struct MetricSummary: Sendable {
    /// One metric.
    public struct Line: Sendable, Hashable {
        public var name: String
        /// The mean over inputs.
        public var mean: Double
        /// The mean over prompts of the means over their inputs; equal to `mean` if each has as many.
        public var meanOfPrompts: Double
        /// The 95 % interval of `mean` by bootstrap over prompts; nil for fewer than two prompts.
        public var interval: ConfidenceInterval?
        /// Number of inputs.
        public var count: Int
        public var promptCount: Int
    }

    /// In the order of the rows.
    public let lines: [Line]
    /// Metrics of all inputs together.
    public var sets: [SetMetricValue] = []
    /// Number of inputs without values.
    public let failureCount: Int
    /// What is needed to reproduce the values.
    private let provenance: [JSONValue.Member]

    /// - Parameter rows: Rows of `MetricEvaluation`.
    /// - Throws: `MetricError.rows` if they are of different metrics, models, precisions or versions, or are no rows of
    ///   metrics.
    public init(rows: some Sequence<ScoreRow>, resamples: Int = GroupBootstrap.defaultResampleCount)
        throws(MetricError)
    {
        var builder = Builder()
        for row in rows { try builder.add(row) }
        self = builder.summary(resamples: resamples)
    }

    /// Collects rows; only numbers and prompts are kept.
    public struct Builder: Sendable {
        private var names: [String] = []
        private var values: [[Double]] = []
        private var prompts: [String?] = []
        private var failureCount = 0
        private var signatures: RowSignatures = .init()
        private var provenance: [JSONValue.Member] = []

        /// Values that a metric may have; sums of larger ones could overflow.
        private static let range = -1e12...1e12

        public init() {}

        /// - Throws: `MetricError.rows`.
        public mutating func add(_ row: ScoreRow) throws(MetricError) {
            if row.hasFailed {
                failureCount += 1
                return
            }
            guard let metrics = row.metrics, !metrics.isEmpty else {
                throw .rows(
                    reason:
                        "a row of '\(row.input ?? "?")' has no metrics; were they made by ganrm metrics?"
                )
            }
            if let metric = metrics.first(where: { !Self.range.contains($0.value) }) {
                throw .rows(
                    reason:
                        "the row of '\(row.input ?? "?")' has \(metric.name) \(metric.value), which no metric gives"
                )
            }
            if let difference = signatures.difference(of: row) {
                throw .rows(reason: "the row of '\(row.input ?? "?")' is \(difference)")
            }
            if names.isEmpty {
                names = metrics.map(\.name)
                provenance = row.provenance
            }
            guard metrics.map(\.name) == names else {
                throw .rows(
                    reason: "the row of '\(row.input ?? "?")' has other metrics than the first row")
            }
            values.append(metrics.map(\.value))
            prompts.append(row.prompt)
        }

        public func summary(resamples: Int = GroupBootstrap.defaultResampleCount) -> MetricSummary {
            let intervals = GroupBootstrap(groups: prompts, resamples: resamples).intervals(
                count: names.count
            ) { rows in
                names.indices.map { metric in
                    rows.isEmpty
                        ? nil : rows.reduce(0) { $0 + values[$1][metric] } / Double(rows.count)
                }
            }
            let groups = indicesByGroup(prompts)
            let lines = names.enumerated().map { metric, name in
                func mean(_ rows: some Collection<Int>) -> Double {
                    rows.reduce(0) { $0 + values[$1][metric] } / Double(rows.count)
                }
                let means = groups.map { mean($0) }
                return Line(
                    name: name, mean: mean(values.indices),
                    meanOfPrompts: means.reduce(0, +) / Double(means.count),
                    interval: intervals[metric],
                    count: values.count, promptCount: groups.count)
            }
            return MetricSummary(lines: lines, failureCount: failureCount, provenance: provenance)
        }
    }

    private init(lines: [Line], failureCount: Int, provenance: [JSONValue.Member]) {
        self.lines = lines
        self.failureCount = failureCount
        self.provenance = provenance
    }
}

extension MetricSummary {
    /// A table for people.
    public var table: String {
        let rows =
            lines.map { line in
                [
                    line.name, Self.text(line.mean),
                    Self.text(line.interval),
                    Self.text(line.meanOfPrompts), "\(line.count)", "\(line.promptCount)",
                    "\(failureCount)",
                ]
            }
            + sets.map { set in
                [
                    set.metric.name, Self.text(set.value), Self.text(set.interval), "-",
                    "\(set.sampleCount)", "-", "\(failureCount)",
                ]
            }
        return TextTable.text(
            [["metric", "mean", "95 % interval", "mean of prompts", "inputs", "prompts", "failed"]]
                + rows,
            numbers: 1...6)
    }

    private static func text(_ value: Double) -> String { String(format: "%.4f", value) }

    private static func text(_ interval: ConfidenceInterval?) -> String {
        interval.map { "\(text($0.low)) … \(text($0.high))" } ?? "-"
    }

    /// One object with an object for each metric, and the provenance of the rows.
    public var json: JSONValue {
        let metrics = lines.map { line in
            JSONValue.Member(
                line.name,
                .object(
                    [
                        .init("mean", .number(line.mean)),
                        .init("low", line.interval.map { .number($0.low) } ?? .null),
                        .init("high", line.interval.map { .number($0.high) } ?? .null),
                        .init("mean_of_prompts", .number(line.meanOfPrompts)),
                        .init("inputs", .integer(line.count)),
                        .init("prompts", .integer(line.promptCount)),
                    ]))
        }
        let sets = sets.map { JSONValue.Member($0.metric.name, $0.json) }
        return .object(
            [.init("metrics", .object(metrics + sets)), .init("failed", .integer(failureCount))]
                + provenance)
    }
}
