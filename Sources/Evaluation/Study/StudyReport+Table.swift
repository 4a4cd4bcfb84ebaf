import Foundation
import Statistics
import TextFormats

extension StudyReport {
    /// The report as a text table: one line per estimate, with its 95 % confidence interval.
    public var table: String {
        typealias Section = EvaluationReport.Section
        var study = Section(
            name: "study",
            summary: [
                Self.count(raterCount, "rater"), Self.count(pairCount, "pair"),
                Self.count(promptCount, "prompt"), Self.count(answerCount, "answer"),
                "\(skippedCount) skipped",
            ].joined(separator: ", "))
        study.lines = [
            ("win rate of chosen", winRate, "\(wins) won, \(losses) lost"),
            ("ties as halves", winRateWithTies, Self.count(ties, "tie")),
            ("ties", tieShare, ""), ("left side", leftShare, "0.5 is fair"),
        ]
        var sections = [study]
        if let agreement {
            var section = Section(
                name: "raters", summary: "\(agreement.units) pairs with several answers")
            section.lines = [
                ("answers that agree", Estimate(value: agreement.share, interval: nil), ""),
                ("Krippendorff's alpha", alpha, "0 is chance"),
            ]
            sections.append(section)
        }
        if let head {
            var section = Section(
                name: "head",
                summary: Self.count(head.answerCount, "answer") + " to pairs with margins")
            section.lines = [
                ("people agree", head.accuracy, ""),
                ("Spearman", head.spearman, "margin and answers"),
            ]
            section.lines += head.bins.map { bin in
                (
                    String(format: "margin %.2f to %.2f", bin.low, bin.high), bin.accuracy,
                    String(format: "%d pairs, expected %.3f", bin.pairCount, bin.expected)
                )
            }
            sections.append(section)
        }
        return Section.lines(sections).joined(separator: "\n")
    }

    /// The report as one JSON object. The order of the keys is fixed; docs/reports.md describes
    /// them.
    public var json: String {
        JSONValue.object([
            .init("confidence", .number(0.95)),
            .init("interval", .string(usesWilson ? "wilson" : "bootstrap")),
            .init("resamples", .integer(resamples)),
            .init("seed", JSONValue(seed)),
            .init("raters", .integer(raterCount)), .init("pairs", .integer(pairCount)),
            .init("prompts", .integer(promptCount)), .init("answers", .integer(answerCount)),
            .init("skipped", .integer(skippedCount)), .init("wins", .integer(wins)),
            .init("losses", .integer(losses)), .init("ties", .integer(ties)),
            .init("win_rate", winRate.json), .init("win_rate_ties_half", winRateWithTies.json),
            .init("tie_share", tieShare.json), .init("left_share", leftShare.json),
            .init(
                "agreement",
                agreement.map {
                    [
                        "pairs": .integer($0.units), "share": .number($0.share),
                        "alpha": alpha.json,
                    ]
                } ?? .null),
            .init("head", head.map(Self.json(of:)) ?? .null),
        ]).description
    }

    /// The answers without ties as JSON lines for `ganrm eval --pairs`.
    public var pairsJSONL: String {
        answers.compactMap { answer -> String? in
            let (chosen, rejected) = (answer.pair.chosen, answer.pair.rejected)
            guard answer.preference == .chosen || answer.preference == .rejected else { return nil }
            let isChosen = answer.preference == .chosen
            let json: JSONValue = [
                "winner": .string(isChosen ? chosen : rejected),
                "loser": .string(isChosen ? rejected : chosen),
                "group": .string(answer.pair.prompt),
            ]
            return json.description
        }.joined(separator: "\n")
    }

    private static func json(of head: HeadAgreement) -> JSONValue {
        [
            "answers": .integer(head.answerCount), "accuracy": head.accuracy.json,
            "spearman": head.spearman.json,
            "by_margin": .array(
                head.bins.map {
                    [
                        "low": .number($0.low), "high": .number($0.high),
                        "pairs": .integer($0.pairCount),
                        "answers": .integer($0.answerCount),
                        "accuracy": $0.accuracy.json,
                        "expected": .number($0.expected),
                    ]
                }),
        ]
    }

    private static func count(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}
