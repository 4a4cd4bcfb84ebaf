public import Scoring
import TextFormats

/// Output format of ranked candidates: JSON lines, CSV, or an aligned table.
public enum RankFormat: String, Sendable, CaseIterable {
    case jsonl, csv, table

    /// The columns of CSV; new ones are appended, for readers that count them.
    private static let columns: [ScoreColumn] = {
        let keys: [ScoreRow.Key] = [
            .group, .prompt, .rank, .score, .logit, .logitSpread, .margin, .unfamiliar, .degenerate,
            .excluded, .input, .error,
        ]
        return keys.map { ScoreColumn($0) } + ScoreColumn.provenance
    }()

    /// The header line; nil if the format has none.
    public var header: String? {
        switch self {
        case .jsonl: nil
        case .csv: CSVLine.text(Self.columns.map(\.name))
        case .table: Self.align(["rank", "score", "logit", "margin"], "group  input")
        }
    }

    /// A row of `RankedGroup.rows` as one line, without the line break.
    public func line(_ row: ScoreRow) -> String {
        switch self {
        case .jsonl: row.description
        case .csv: CSVLine.text(Self.columns.map { $0.field(of: row) })
        case .table:
            Self.align(
                [
                    TableCell.text(row[.rank] ?? .string("-")),
                    TableCell.fixed(row[.score], digits: 4),
                    TableCell.fixed(row[.logit], digits: 3),
                    TableCell.fixed(row[.margin], digits: 3),
                ],
                (row.failure
                    ?? "\(TableCell.text(row[.group]))  \(TableCell.text(row[.input]))\(note(on: row))")
                    // A prompt may have several lines, a row has one.
                    .replacing(#/\R/#, with: " "))
        }
    }

    private func note(on row: ScoreRow) -> String {
        row.exclusion.map { "  (excluded: \($0))" } ?? ""
    }

    private static func align(_ fields: [String], _ rest: String) -> String {
        DisplayText.line(
            TableCell.aligned(fields, widths: [4, 7, 8, 7]).joined(separator: " ") + "  " + rest)
    }
}
