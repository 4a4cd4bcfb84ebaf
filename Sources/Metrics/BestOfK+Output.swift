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
                    line.name, "\(point.k)", Self.text(point.best.mean),
                    Self.text(point.best.interval), Self.text(line.all.mean),
                    Self.text(point.worst.mean), Self.text(point.gain.mean),
                    Self.text(point.gain.interval),
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
                line.name, Self.text(line.spearman?.mean), Self.text(line.spearman?.interval),
                Self.text(line.kendall?.mean), Self.text(line.kendall?.interval),
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

    private static func text(_ value: Double?) -> String {
        value.map { String(format: "%.4f", $0) } ?? "-"
    }

    private static func text(_ interval: ConfidenceInterval?) -> String {
        interval.map { "\(text($0.low)) … \(text($0.high))" } ?? "-"
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
