import CSV
import JSON

/// How result rows are written: one JSON object a line, comma-separated values, or for people.
public enum ResultFormat: String, Sendable, CaseIterable {
    case jsonl, csv, table

    /// The columns of CSV and table; everything else is in JSONL only.
    static let columns = [
        "score", "logit", "probability", "percentile_generated", "percentile_proxy",
        "unfamiliar", "degenerate", "kind", "frames", "duration", "start", "end", "input", "error",
    ]

    /// The line above the rows, if the format has one.
    public var header: String? {
        switch self {
        case .jsonl: nil
        case .csv: CSVLine.text(["id"] + Self.columns)
        case .table: Self.align(["score", "logit", "% gen", "kind", "frames", "seconds", "input"])
        }
    }

    /// The row as one line, without the newline.
    public func line(_ row: ResultRow) -> String {
        switch self {
        case .jsonl: JSONValue.object(row.members).description
        case .csv:
            CSVLine.text((["id"] + Self.columns).map { TableCell.text(row[$0]) })
        case .table:
            if let error = row["error"]?.stringValue {
                // Most sentences name the input.
                Self.align(
                    Array(repeating: "-", count: 6) + [
                        error.contains(TableCell.text(row["input"]))
                            ? error : "\(TableCell.text(row["input"])): \(error)"
                    ])
            } else {
                Self.align([
                    TableCell.fixed(row["score"], digits: 4),
                    TableCell.fixed(row["logit"], digits: 3),
                    TableCell.fixed(row["percentile_generated"], digits: 1),
                    TableCell.text(row["kind"]),
                    TableCell.text(row["frames"]),
                    TableCell.fixed(row["duration"] ?? row["start"], digits: 2),
                    TableCell.text(row["input"])
                        + (row["degenerate"]?.stringValue.map { "  (\($0))" } ?? ""),
                ])
            }
        }
    }

    /// Numbers right-aligned in columns of fixed width; the input, which may be long, comes last.
    private static func align(_ fields: [String]) -> String {
        let widths = [7, 8, 7, 6, 7, 9]
        let aligned = TableCell.aligned(fields, widths: widths)
        return aligned.joined() + "  " + fields[widths.count...].joined()
    }
}
