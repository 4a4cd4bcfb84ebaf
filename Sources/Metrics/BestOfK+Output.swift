import Foundation
import Statistics
public import TextFormats

extension BestOfK {
    /// Tables for people: the values for each k, and the correlations.
    public var tables: [String] {
        [
            TextTable.text(selectionRows, numbers: 1...7),
            TextTable.text(correlationRows, numbers: 1...6),
        ]
    }

    /// A header, and a row for each metric and k; numbers in columns 1 to 7.
    package var selectionRows: [[String]] {
        let rows = lines.flatMap { line in
            line.points.map { point in
                [
                    line.name, "\(point.k)", ValueText.number(point.best.mean),
                    ValueText.interval(point.best.interval), ValueText.number(line.all.mean),
                    ValueText.number(point.worst.mean), ValueText.number(point.gain.mean),
                    ValueText.interval(point.gain.interval),
                ]
            }
        }
        return [
            ["metric", "k", "best k", "95 % interval", "all", "worst k", "gain", "95 % interval"]
        ]
            + rows
    }

    /// A header, and a row for each metric; numbers in columns 1 to 6.
    package var correlationRows: [[String]] {
        let rows = lines.map { line in
            [
                line.name, ValueText.number(line.spearman?.mean),
                ValueText.interval(line.spearman?.interval),
                ValueText.number(line.kendall?.mean), ValueText.interval(line.kendall?.interval),
                "\(promptCount)", "\(candidateCount)",
            ]
        }
        return [
            [
                "metric", "Spearman", "95 % interval", "Kendall", "95 % interval", "prompts",
                "candidates",
            ]
        ] + rows
    }

    /// One object, with an object for each metric and the provenance of the scores.
    public var json: JSONValue {
        let metrics = lines.map { line in
            JSONValue.Member(
                line.name,
                .object([
                    .init("all", Self.json(line.all)), .init("spearman", Self.json(line.spearman)),
                    .init("kendall", Self.json(line.kendall)),
                    .init(
                        "top",
                        .array(
                            line.points.map { point in
                                .object([
                                    .init("k", .integer(point.k)),
                                    .init("best", Self.json(point.best)),
                                    .init("worst", Self.json(point.worst)),
                                    .init("gain", Self.json(point.gain)),
                                ])
                            })),
                ]))
        }
        return .object(
            [
                .init("metrics", .object(metrics)), .init("prompts", .integer(promptCount)),
                .init("candidates", .integer(candidateCount)),
                .init("prompts_left_out", .integer(omittedPromptCount)),
            ] + omissions.members + [.init("scores", .object(provenance))])
    }

    /// `{"mean": …, "low": …, "high": …}`.
    private static func json(_ estimate: Estimate?) -> JSONValue {
        guard let estimate else { return .null }
        return .object([
            .init("mean", .number(estimate.mean)),
            .init("low", estimate.interval.map { .number($0.low) } ?? .null),
            .init("high", estimate.interval.map { .number($0.high) } ?? .null),
        ])
    }
}
