import CSV
public import JSON

/// How ranked candidates are written: one JSON object a line, comma-separated values, or for people.
public enum RankFormat: String, Sendable, CaseIterable {
    case jsonl, csv, table

    private static let columns = [
        "group", "prompt", "rank", "score", "logit", "logit_spread", "margin", "unfamiliar",
        "degenerate", "excluded", "input", "error",
    ]

    /// The line above the rows, if the format has one.
    public var header: String? {
        switch self {
        case .jsonl: nil
        case .csv: CSVLine.text(Self.columns)
        case .table: Self.align(["rank", "score", "logit", "margin"], "group  input")
        }
    }

    /// A row of `RankedGroup.rows` as one line, without its end.
    public func line(_ row: JSONValue) -> String {
        switch self {
        case .jsonl: row.description
        case .csv: CSVLine.text(Self.columns.map { TableCell.text(row[$0]) })
        case .table:
            Self.align(
                [
                    TableCell.text(row["rank"] ?? .string("-")),
                    TableCell.fixed(row["score"], digits: 4),
                    TableCell.fixed(row["logit"], digits: 3),
                    TableCell.fixed(row["margin"], digits: 3),
                ],
                (row["error"]?.stringValue
                    ?? "\(TableCell.text(row["group"]))  \(TableCell.text(row["input"]))\(note(on: row))")
                    // A prompt may have several lines, a row has one.
                    .replacing(#/\R/#, with: " "))
        }
    }

    private func note(on row: JSONValue) -> String {
        row["excluded"]?.stringValue.map { "  (excluded: \($0))" } ?? ""
    }

    private static func align(_ fields: [String], _ rest: String) -> String {
        TableCell.aligned(fields, widths: [4, 7, 8, 7]).joined(separator: " ") + "  " + rest
    }
}
