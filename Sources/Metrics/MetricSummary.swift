import Foundation
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
        /// The share of inputs above the metric's threshold, 0 to 1; nil if it has none.
        public var share: Double?
    }

    /// In the order of the rows.
    public let lines: [Line]
    /// Metrics of all inputs together.
    public var sets: [SetMetricValue] = []
    /// The same metrics of the candidates that a reward prefers; nil if there are no scores.
    public var bestOf: BestOfK?
    /// VBench's total score and its parts; nil if they were not asked for.
    public var vbench: VBenchSummary?
    /// Number of inputs without values.
    public let failureCount: Int
    /// What is needed to reproduce the values.
    private let provenance: [JSONValue.Member]

    public init(_ table: MetricTable, resamples: Int = GroupBootstrap.defaultResampleCount) {
        let prompts = table.entries.map(\.prompt)
        let values = table.entries.map(\.values)
        let intervals = GroupBootstrap(groups: prompts, resamples: resamples).intervals(
            count: table.names.count
        ) { rows in
            table.names.indices.map { metric in
                rows.isEmpty
                    ? nil : rows.reduce(0) { $0 + values[$1][metric] } / Double(rows.count)
            }
        }
        let groups = indicesByGroup(prompts)
        lines = table.names.enumerated().map { metric, name in
            func mean(_ rows: some Collection<Int>) -> Double {
                rows.reduce(0) { $0 + values[$1][metric] } / Double(rows.count)
            }
            let means = groups.map { mean($0) }
            return Line(
                name: name, mean: mean(values.indices),
                meanOfPrompts: means.reduce(0, +) / Double(means.count),
                interval: intervals[metric],
                count: values.count, promptCount: groups.count,
                share: (try? Metric.named(name))?.threshold.map { threshold in
                    Double(values.count { $0[metric] > threshold }) / Double(values.count)
                })
        }
        failureCount = table.failureCount
        provenance = table.provenance
    }

    /// - Parameter rows: Rows of `MetricEvaluation`.
    /// - Throws: `MetricError.rows` if they are of different metrics, models, precisions or versions, or are no rows of
    ///   metrics.
    public init(rows: some Sequence<ScoreRow>, resamples: Int = GroupBootstrap.defaultResampleCount)
        throws(MetricError)
    {
        var table = MetricTable()
        for row in rows { try table.add(row) }
        self.init(table, resamples: resamples)
    }
}

extension MetricSummary {
    /// A table for people, and those of `bestOf` below it.
    public var table: String {
        ([means] + (bestOf?.tables ?? [])).joined(separator: "\n\n")
    }

    private var means: String {
        let rows =
            lines.map { line in
                [
                    line.name, ValueText.number(line.mean),
                    ValueText.interval(line.interval),
                    ValueText.number(line.meanOfPrompts), "\(line.count)", "\(line.promptCount)",
                    "\(failureCount)",
                ]
            }
            + sets.map { set in
                [
                    set.metric.name, ValueText.number(set.value), ValueText.interval(set.interval),
                    "-",
                    "\(set.sampleCount)", "-", "\(set.failureCount)",
                ]
            }
        let header = [
            "metric", "mean", "95 % interval", "mean of prompts", "inputs", "prompts", "failed",
        ]
        let shares = lines.map(\.share) + sets.map { _ in nil }
        // Most metrics decide nothing.
        let hasShares = shares.contains { $0 != nil }
        let table = TextTable.text(
            [header + (hasShares ? ["share"] : [])]
                + zip(rows, shares).map { row, share in
                    row + (hasShares ? [ValueText.number(share)] : [])
                },
            numbers: 1...(hasShares ? 7 : 6))
        guard let vbench else { return table }
        return rows.isEmpty ? vbench.table : table + "\n\n" + vbench.table
    }

    /// Inputs without values; metrics of sets read the same ones.
    private var allFailures: Int { max(failureCount, sets.map(\.failureCount).max() ?? 0) }

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
                    ] + (line.share.map { [.init("share", .number($0))] } ?? [])))
        }
        let sets = sets.map { JSONValue.Member($0.metric.name, $0.json) }
        return .object(
            [.init("metrics", .object(metrics + sets)), .init("failed", .integer(allFailures))]
                + (bestOf.map { [.init("best_of", $0.json)] } ?? []) + provenance
                + (vbench.map { [.init("vbench", $0.json)] } ?? []))
    }
}
