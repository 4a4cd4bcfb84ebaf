import Foundation
import TextFormats

/// VBench's quality, semantic and total score, from means of metrics and from results of VBench itself.
///
/// Source: VBench, `scripts/cal_final_score.py`, which takes 0 for a missing dimension; here the score is missing.
public struct VBenchSummary: Sendable {
    /// The score of a dimension.
    public struct Line: Sendable, Hashable {
        public var dimension: VBenchDimension
        public var score: Double
        /// The file of the score; nil if it is the mean of rows.
        public var path: String?

        public var normalized: Double { dimension.normalized(score) }
    }

    /// In VBench's order.
    public let lines: [Line]

    /// - Parameters:
    ///   - results: Of VBench, in any number of files.
    ///   - summary: Its metrics with a name of VBench's take part.
    /// - Throws: `MetricError.vbench` for a dimension with two scores.
    public init(_ results: [VBenchResults], _ summary: MetricSummary) throws(MetricError) {
        var found = summary.lines.compactMap { line in
            VBenchDimension.named(line.name).map {
                Line(dimension: $0, score: line.mean, path: nil)
            }
        }
        for file in results {
            for score in file.scores {
                if let other = found.first(where: { $0.dimension == score.dimension }) {
                    throw .vbench(
                        reason: """
                            \(score.dimension.name) is in \(other.path.map { "'\($0)'" } ?? "the rows") and in \
                            '\(file.path)'; leave one of them out
                            """)
                }
                found.append(
                    Line(dimension: score.dimension, score: score.score, path: file.path))
            }
        }
        lines = VBenchDimension.all.compactMap { dimension in
            found.first { $0.dimension == dimension }
        }
    }

    /// The dimensions without a score, in VBench's order.
    public var missing: [VBenchDimension] {
        VBenchDimension.all.filter { dimension in !lines.contains { $0.dimension == dimension } }
    }

    /// The weighted mean of a part's normalized scores; nil if one of its dimensions is missing.
    public func score(of part: VBenchDimension.Part) -> Double? {
        guard !missing.contains(where: { $0.part == part }) else { return nil }
        let lines = lines.filter { $0.dimension.part == part }
        return lines.reduce(0) { $0 + $1.dimension.weight * $1.normalized }
            / lines.reduce(0) { $0 + $1.dimension.weight }
    }

    /// `(4 · quality + semantic) / 5`; nil if a dimension is missing.
    public var total: Double? {
        let parts = VBenchDimension.Part.allCases
        let scores = parts.compactMap { part in score(of: part).map { part.weight * $0 } }
        guard scores.count == parts.count else { return nil }
        return scores.reduce(0, +) / parts.reduce(0) { $0 + $1.weight }
    }
}

extension VBenchSummary {
    /// A table for people.
    var table: String {
        let header = ["VBench", "score", "normalized", "weight", "part", "from"]
        let dimensions = lines.map { line in
            [
                line.dimension.name, ValueText.number(line.score),
                ValueText.number(line.normalized),
                String(format: "%g", line.dimension.weight), line.dimension.part.rawValue,
                line.path ?? "rows",
            ]
        }
        let scores =
            VBenchDimension.Part.allCases.map { part in
                [part.rawValue, "-", ValueText.number(score(of: part)), "-", "-", "-"]
            } + [["total", "-", ValueText.number(total), "-", "-", "-"]]
        let names = missing.map(\.name).joined(separator: ", ")
        return TextTable.text([header] + dimensions + scores, numbers: 1...3)
            + (names.isEmpty ? "" : "\nmissing: \(names)")
    }

    /// An object with an object for each dimension.
    var json: JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
        let dimensions = lines.map { line in
            JSONValue.Member(
                line.dimension.name,
                .object([
                    .init("score", .number(line.score)),
                    .init("normalized", .number(line.normalized)),
                    .init("weight", .number(line.dimension.weight)),
                    .init("part", .string(line.dimension.part.rawValue)),
                    .init("file", line.path.map { .string($0) } ?? .null),
                ]))
        }
        return .object(
            [.init("dimensions", .object(dimensions))]
                + VBenchDimension.Part.allCases.map { .init($0.rawValue, number(score(of: $0))) }
                + [
                    .init("total", number(total)),
                    .init("missing", .array(missing.map { .string($0.name) })),
                ])
    }
}
