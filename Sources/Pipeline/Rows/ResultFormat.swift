public import Scoring
import TextFormats

/// The format of result rows: JSON lines, CSV, or an aligned table.
public enum ResultFormat: String, Sendable, CaseIterable {
    case jsonl, csv, table

    /// The columns of CSV; new ones are appended, for readers that count them. Clips, positions and
    /// other keys of the request are in JSONL only.
    private static let columns: [ScoreColumn] = {
        let keys: [ScoreRow.Key] = [
            .score, .logit, .probability, .percentileGenerated, .percentileProxy, .unfamiliar,
            .degenerate, .kind, .frames, .duration, .start, .end, .input, .error,
            .spread, .logitSpread,
        ]
        return [ScoreColumn(Request.idKey)] + keys.map { ScoreColumn($0) } + [
            ScoreColumn("realism", .parts, "realism"), ScoreColumn("damage", .parts, "damage"),
            ScoreColumn(.truncation), ScoreColumn(.droppedClips),
        ] + ScoreColumn.provenance
    }()

    /// The header line, if the format has one.
    public var header: String? {
        switch self {
        case .jsonl: nil
        case .csv: CSVLine.text(Self.columns.map(\.name))
        case .table: Self.align(["score", "logit", "% gen", "kind", "frames", "seconds", "input"])
        }
    }

    /// Formats a row as one line, without the newline.
    public func line(_ row: ScoreRow) -> String {
        switch self {
        case .jsonl: row.description
        case .csv: CSVLine.text(Self.columns.map { $0.field(of: row) })
        case .table:
            if let failure = row.failure {
                // Most error messages contain the input.
                Self.align(
                    Array(repeating: "-", count: 6) + [
                        failure.contains(TableCell.text(row[.input]))
                            ? failure : "\(TableCell.text(row[.input])): \(failure)"
                    ])
            } else {
                Self.align([
                    TableCell.fixed(row[.score], digits: 4),
                    TableCell.fixed(row[.logit], digits: 3),
                    TableCell.fixed(row[.percentileGenerated], digits: 1),
                    TableCell.text(row[.kind]),
                    TableCell.text(row[.frames]),
                    TableCell.fixed(row[.duration] ?? row[.start], digits: 2),
                    TableCell.text(row[.input])
                        + (row[.degenerate]?.stringValue.map { "  (\($0))" } ?? ""),
                ])
            }
        }
    }

    /// Aligns fields in columns of fixed width; the input, which may be long, is last.
    private static func align(_ fields: [String]) -> String {
        let widths = [7, 8, 7, 6, 7, 9]
        let aligned = TableCell.aligned(fields, widths: widths)
        return DisplayText.line(aligned.joined() + "  " + fields[widths.count...].joined())
    }
}
