import Foundation
import Frames
public import TextFormats

extension HeadCheck {
    private static let header = [
        "failure", "kind", "shown", "logit", "% gen", "unfamiliar", "pixels", "verdict",
    ]

    package static func text(_ value: Double?, digits: Int = 2) -> String {
        value.map { String(format: "%.\(digits)f", $0) } ?? "-"
    }

    private func fields(_ row: Row) -> [String] {
        [
            row.name, row.kind.rawValue, row.isInTraining ? "yes" : "no", Self.text(row.logit),
            Self.text(row.percentile, digits: 1), Self.text(row.unfamiliar),
            row.degeneracy?.rawValue ?? "-",
            row.wins ? "WINS" : row.isExcluded ? "excluded" : "loses",
        ]
    }

    /// The rows in descending order of logits.
    private var ordered: [Row] { rows.sorted { $0.logit > $1.logit } }

    /// The header, then one line of fields per failure, in descending order of logits.
    package var lines: [[String]] { [Self.header] + ordered.map(fields) }

    /// A table with a line per failure, in descending order of logits, followed by the summary.
    public var table: String {
        TextTable.text(lines, numbers: 3...5) + "\n\(summary)"
    }

    /// One object per failure.
    public var json: [JSONValue] {
        ordered.map { row in
            return [
                "failure": .string(row.name), "kind": .string(row.kind.rawValue),
                "shown": .bool(row.isInTraining), "logit": .number(row.logit),
                "percentile_generated": JSONValue(row.percentile),
                "unfamiliar": JSONValue(row.unfamiliar),
                "degenerate": JSONValue(row.degeneracy?.rawValue),
                "excluded": .bool(row.isExcluded),
                "beats_proxy": .bool(row.beatsProxy),
            ]
        }
    }
}
