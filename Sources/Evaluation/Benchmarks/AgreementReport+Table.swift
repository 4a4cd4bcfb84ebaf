import Foundation
import OrderedCollections

extension AgreementReport {
    /// The report as text: one table per dimension, with this model in the first row and published
    /// results below.
    public var table: String {
        // The sources of the published results, in order of first use.
        let sources = OrderedSet(dimensions.flatMap(\.published).map(\.source))
        var lines = [
            EvaluationReport.provenanceText(of: provenance).map { "model: \($0)" },
            "benchmark: \(benchmark.title), \(path)",
        ].compactMap(\.self)
        for dimension in dimensions {
            lines += ["", Self.summary(of: dimension)]
            lines += Self.rows(of: dimension, sources: sources)
        }
        if !sources.isEmpty { lines.append("") }
        lines += sources.enumerated().map { "[\($0 + 1)] \($1)" }
        if !failures.isEmpty { lines += ["", "failed: \(failures.count)"] }
        return lines.joined(separator: "\n")
    }

    private static func summary(of dimension: Dimension) -> String {
        let threshold = dimension.values.lazy.compactMap(\.tieThreshold).first
        return "\(dimension.name): "
            + [
                EvaluationReport.count(dimension.count, dimension.kind),
                dimension.ties.map { EvaluationReport.count($0, "tie") },
                EvaluationReport.count(dimension.groupCount, "prompt"),
                dimension.unscored > 0 ? "\(dimension.unscored) more without scores" : nil,
                threshold.map { String(format: "tie threshold %.3g", $0) },
            ]
            .compactMap(\.self).joined(separator: ", ")
    }

    private static func rows(of dimension: Dimension, sources: OrderedSet<String>) -> [String] {
        let ownResults = dimension.values.map { value in
            EvaluationReport.text(value.estimate.value)
                + (value.estimate.interval.map { " (\(EvaluationReport.text($0)))" } ?? "")
        }
        let published = dimension.published.map { result in
            guard let source = sources.firstIndex(of: result.source) else {
                preconditionFailure("the sources are those of all dimensions")
            }
            return [result.model]
                + dimension.values.map { EvaluationReport.text(result.values[$0.key]) }
                + ["[\(source + 1)]"]
        }
        let rows =
            [[""] + dimension.values.map(\.name) + [""], ["this model"] + ownResults + [""]]
            + published
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            var line = "  " + cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
