import Foundation
import JSON
import Reward

extension EvaluationReport {
    /// Figures of one kind of evidence, for people.
    struct Section {
        /// `labelled`, `pairs`, …
        let name: String
        /// What the figures are of, with numbers.
        let summary: String
        var lines: [(name: String, figure: Figure, note: String)] = []

        /// The sections as lines of a table.
        static func lines(_ sections: [Section]) -> [String] {
            let width = sections.flatMap { $0.lines.map(\.name.count) }.max() ?? 0
            return sections.flatMap { section in
                [columns(section.name, section.summary)]
                    + section.lines.map { line in
                        "  "
                            + [
                                padded(line.name, to: width + 2), text(line.figure.value) + "  ",
                                text(line.figure.interval),
                                line.note.isEmpty ? "" : "  \(line.note)",
                            ].joined()
                    }
            }
        }
    }

    /// The report for people: a line for each figure, with its 95 % interval.
    public var table: String {
        var lines: [String] = []
        if let words = provenanceWords { lines.append(Self.columns("model", words)) }
        lines += Section.lines(sections)
        if !failures.isEmpty { lines.append(Self.columns("failed", "\(failures.count)")) }
        return lines.joined(separator: "\n")
    }

    var sections: [Section] {
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

    /// `default 4deda020b865, dinov2-small-imgfocus@3c653e471eea, f32, ganrm 0.1.0`; nil if rows did
    /// not say.
    var provenanceWords: String? { Self.words(of: provenance) }

    static func words(of provenance: [JSONValue.Member]) -> String? {
        let row = JSONValue.object(provenance)
        guard let model = row["model"] else { return nil }
        let name = ["name", "fingerprint"].compactMap { model[$0]?.stringValue }
        let parts: [String?] = [
            name.joined(separator: " "), model["encoder"]?.stringValue,
            row["precision"]?.stringValue, row["version"]?.stringValue.map { "ganrm \($0)" },
        ]
        return parts.compactMap(\.self).joined(separator: ", ")
    }

    private func section(of figures: LabelledFigures) -> Section {
        let proxies = figures.samples.count { $0.isProxy }
        var section = Section(
            name: "labelled",
            summary: "\(proxies) proxy, \(figures.samples.count - proxies) generated, "
                + Self.count(figures.groupCount, "group")
                + (perturbedCount > 0 ? ", \(perturbedCount) degraded copies left out" : ""))
        section.lines = [
            ("AUC", figures.auc, figures.roc == nil ? "needs both classes" : ""),
            ("accuracy", figures.accuracy, ""),
            ("log loss", figures.score.logLoss, ""),
            ("calibration error", figures.score.calibrationError, ""),
        ]
        if let probability = figures.probability {
            section.lines += [
                ("log loss, calibrated", probability.logLoss, ""),
                ("calibration error, calibrated", probability.calibrationError, ""),
            ]
        }
        return section
    }

    private static func groupSection(of figures: LabelledFigures) -> Section {
        var section = Section(
            name: "by group",
            summary: "accuracy where there are \(LabelledFigures.smallestGroup) samples or more")
        section.lines = figures.groups.map { group in
            (
                group.name, group.accuracy,
                "\(group.count) samples, \(group.proxyCount) proxy"
                    + (group.auc.value.map { ", AUC \(text($0))" } ?? "")
            )
        }
        return section
    }

    private func section(of figures: RatingFigures) -> Section {
        var section = Section(
            name: "ratings",
            summary: "\(figures.samples.count), " + Self.count(figures.promptCount, "prompt")
                + (unscoredRatings > 0 ? ", \(unscoredRatings) more without scores" : ""))
        section.lines = [
            ("Spearman", figures.spearman, ""), ("Kendall tau-b", figures.kendall, ""),
        ]
        if let prompts = figures.byPrompt {
            let note = "mean of \(Self.count(prompts.count, "prompt"))"
            section.lines += [
                ("Spearman within a prompt", prompts.spearman, note),
                ("Kendall within a prompt", prompts.kendall, note),
            ]
        }
        return section
    }

    static func text(_ number: Double?) -> String {
        number.map { String(format: "%.3f", $0) } ?? "-"
    }

    /// `0.760 to 0.861`.
    static func text(_ interval: ConfidenceInterval?) -> String {
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
