import Foundation
public import Scoring
import TextFormats

/// The output format of segments: rows or a cut list.
public enum SegmentFormat: String, Sendable, CaseIterable {
    case jsonl, csv, table
    case ffconcat, edl, sh

    /// The format of the cut list; nil for rows.
    public var list: CutList.Format? {
        switch self {
        case .jsonl, .csv, .table: nil
        case .ffconcat: .ffconcat
        case .edl: .edl
        case .sh: .sh
        }
    }

    private static let columns: [ScoreRow.Key] = [
        .input, .kind, .rank, .start, .end, .score, .logit, .clips, .error,
    ]

    /// The lines before the rows or the list, if the format has any.
    public var header: String? {
        switch self {
        case .jsonl: nil
        case .csv: CSVLine.text(Self.columns.map(\.rawValue))
        case .table:
            Self.align(["kind", "rank", "start", "end", "score", "logit", "clips"], "input")
        case .ffconcat, .edl, .sh: list.map { CutList($0).header }
        }
    }

    /// Formats the row of a segment, or of an input with an error, as one line; nil for cut lists.
    public func line(_ row: ScoreRow) -> String? {
        switch self {
        case .jsonl: row.description
        case .csv: CSVLine.text(Self.columns.map { TableCell.text(row[$0]) })
        case .table:
            Self.align(
                [
                    TableCell.text(row[.kind] ?? .string("-")),
                    TableCell.text(row[.rank] ?? .string("-")),
                    Self.clock(row.start), Self.clock(row.end),
                    TableCell.fixed(row[.score], digits: 4),
                    TableCell.fixed(row[.logit], digits: 3),
                    TableCell.text(row[.clips] ?? .string("-")),
                ],
                row.failure ?? TableCell.text(row[.input]))
        case .ffconcat, .edl, .sh: nil
        }
    }

    /// A time as hours, minutes and seconds: `1:02:03.45`.
    private static func clock(_ seconds: Double?) -> String {
        guard let seconds, seconds.isFinite, abs(seconds) < 1e9 else {
            return "-"
        }
        let hundredths = Int((seconds * 100).rounded())
        let (minutes, rest) = (hundredths / 6000, hundredths % 6000)
        return String(
            format: "%d:%02d:%02d.%02d", minutes / 60, minutes % 60, rest / 100, rest % 100)
    }

    private static func align(_ fields: [String], _ last: String) -> String {
        DisplayText.line(
            TableCell.aligned(fields, widths: [5, 4, 11, 11, 7, 8, 6]).joined(separator: " ") + "  "
                + last)
    }
}
