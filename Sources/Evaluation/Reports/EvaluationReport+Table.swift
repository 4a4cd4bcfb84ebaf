import Foundation
import Scoring
package import Statistics
import TextFormats

extension EvaluationReport {
    /// A section of the text report: the estimates for one kind of ground truth.
    package struct Section {
        /// The section's title: `labelled`, `pairs`, …
        package let name: String
        /// The sample counts, as text.
        package let summary: String
        package var lines: [(name: String, estimate: Estimate, note: String)] = []

        /// Formats sections as the lines of one aligned table.
        static func lines(_ sections: [Section]) -> [String] {
            let width = sections.flatMap { $0.lines.map(\.name.count) }.max() ?? 0
            return sections.flatMap { section in
                [columns(section.name, section.summary)]
                    + section.lines.map { line in
                        "  "
                            + [
                                padded(line.name, to: width + 2), text(line.estimate.value) + "  ",
                                text(line.estimate.interval),
                                line.note.isEmpty ? "" : "  \(line.note)",
                            ].joined()
                    }
            }
        }
    }

    /// The report as a text table: one line per estimate, with its 95 % confidence interval.
    public var table: String {
        var lines: [String] = []
        if let provenanceText { lines.append(Self.columns("model", provenanceText)) }
        lines += Section.lines(sections)
        if !failures.isEmpty { lines.append(Self.columns("failed", "\(failures.count)")) }
        return lines.joined(separator: "\n")
    }

    package var sections: [Section] {
        var sections: [Section] = []
        if let labelled {
            sections.append(section(of: labelled))
            if !labelled.groups.isEmpty { sections.append(Self.groupSection(of: labelled)) }
        }
        if let pairs {
            var section = Section(
                name: "pairs",
                summary: "\(pairs.pairs.count), \(pairs.ties) of equal scores, "
                    + Self.count(pairs.groupCount, "group")
                    + (unscoredPairs > 0 ? ", \(unscoredPairs) more without scores" : ""))
            section.lines = [("right order", pairs.accuracy, "")]
            sections.append(section)
        }
        if let ratings { sections.append(section(of: ratings)) }
        return sections
    }

    /// The provenance as text: `default 4deda020b865, dinov2-small-imgfocus@3c653e471eea, f32,
    /// ganrm 0.1.0`; nil if the rows do not name a model.
    package var provenanceText: String? { Self.provenanceText(of: provenance) }

    static func provenanceText(of provenance: [JSONValue.Member]) -> String? {
        let row = ScoreRow(members: provenance)
        guard let model = row.model else { return nil }
        let name = [model.name, model.fingerprint].compactMap(\.self)
        let parts: [String?] = [
            name.joined(separator: " "), model.encoder, row.precision,
            row.version.map { "ganrm \($0)" },
        ]
        return parts.compactMap(\.self).joined(separator: ", ")
    }

    private func section(of metrics: ClassificationMetrics) -> Section {
        let proxyCount = metrics.samples.count { $0.isProxy }
        var section = Section(
            name: "labelled",
            summary: "\(proxyCount) proxy, \(metrics.samples.count - proxyCount) generated, "
                + Self.count(metrics.groupCount, "group")
                + (degradedCount > 0 ? ", \(degradedCount) degraded copies left out" : ""))
        section.lines = [
            ("AUC", metrics.auc, metrics.roc == nil ? "needs both classes" : ""),
            ("accuracy", metrics.accuracy, ""),
            ("log loss", metrics.score.logLoss, ""),
            ("calibration error", metrics.score.calibrationError, ""),
        ]
        if let probability = metrics.probability {
            section.lines += [
                ("log loss, calibrated", probability.logLoss, ""),
                ("calibration error, calibrated", probability.calibrationError, ""),
            ]
        }
        return section
    }

    private static func groupSection(of metrics: ClassificationMetrics) -> Section {
        var section = Section(
            name: "by group",
            summary: """
                accuracy where there are \(ClassificationMetrics.minimumGroupSize) samples or more
                """)
        section.lines = metrics.groups.map { group in
            (
                group.name, group.accuracy,
                "\(group.count) samples, \(group.proxyCount) proxy"
                    + (group.auc.value.map { ", AUC \(text($0))" } ?? "")
            )
        }
        return section
    }

    private func section(of metrics: RatingMetrics) -> Section {
        var section = Section(
            name: "ratings",
            summary: "\(metrics.samples.count), " + Self.count(metrics.promptCount, "prompt")
                + (unscoredRatings > 0 ? ", \(unscoredRatings) more without scores" : ""))
        section.lines = [
            ("Spearman", metrics.spearman, ""), ("Kendall tau-b", metrics.kendall, ""),
        ]
        if let prompts = metrics.byPrompt {
            let note = "mean of \(Self.count(prompts.count, "prompt"))"
            section.lines += [
                ("Spearman within a prompt", prompts.spearman, note),
                ("Kendall within a prompt", prompts.kendall, note),
            ]
        }
        return section
    }

    /// The value with three decimals; `-` for nil.
    package static func text(_ value: Double?) -> String {
        value.map { String(format: "%.3f", $0) } ?? "-"
    }

    /// The interval as `0.760 to 0.861`; `-` for nil.
    package static func text(_ interval: ConfidenceInterval?) -> String {
        interval.map { "\(text($0.low)) to \(text($0.high))" } ?? "-"
    }

    static func count(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }

    fileprivate static func columns(_ name: String, _ text: String) -> String {
        padded(name, to: 10) + text
    }

    fileprivate static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(width - text.count, 1))
    }
}
