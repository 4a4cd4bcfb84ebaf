import CSV
import Foundation
public import JSON

/// How stretches are written: as rows, or as a list by which others cut the video.
public enum SegmentFormat: String, Sendable, CaseIterable {
    case jsonl, csv, table
    case ffconcat, edl, sh

    /// The list that it is; nil for rows.
    public var list: CutList.Format? {
        switch self {
        case .jsonl, .csv, .table: nil
        case .ffconcat: .ffconcat
        case .edl: .edl
        case .sh: .sh
        }
    }

    private static let columns = [
        "input", "kind", "rank", "start", "end", "score", "logit", "clips", "error",
    ]

    /// What stands above the rows or the list.
    public var header: String? {
        switch self {
        case .jsonl: nil
        case .csv: CSVLine.text(Self.columns)
        case .table:
            Self.align(["kind", "rank", "start", "end", "score", "logit", "clips"], "input")
        case .ffconcat, .edl, .sh: list.map { CutList($0).header }
        }
    }

    /// A row of a stretch, or of an input and its error, as one line; nil if the format is a list.
    public func line(_ row: JSONValue) -> String? {
        switch self {
        case .jsonl: row.description
        case .csv: CSVLine.text(Self.columns.map { TableCell.text(row[$0]) })
        case .table:
            Self.align(
                [
                    TableCell.text(row["kind"] ?? .string("-")),
                    TableCell.text(row["rank"] ?? .string("-")),
                    Self.clock(row["start"]), Self.clock(row["end"]),
                    TableCell.fixed(row["score"], digits: 4),
                    TableCell.fixed(row["logit"], digits: 3),
                    TableCell.text(row["clips"] ?? .string("-")),
                ],
                // A name may have several lines, a row has one.
                (row["error"]?.stringValue ?? TableCell.text(row["input"]))
                    .replacing(#/\R/#, with: " "))
        case .ffconcat, .edl, .sh: nil
        }
    }

    /// `1:02:03.45`, as players show it.
    private static func clock(_ seconds: JSONValue?) -> String {
        guard let seconds = seconds?.doubleValue, seconds.isFinite, abs(seconds) < 1e9 else {
            return "-"
        }
        let hundredths = Int((seconds * 100).rounded())
        let (minutes, rest) = (hundredths / 6000, hundredths % 6000)
        return String(
            format: "%d:%02d:%02d.%02d", minutes / 60, minutes % 60, rest / 100, rest % 100)
    }

    private static func align(_ fields: [String], _ rest: String) -> String {
        TableCell.aligned(fields, widths: [5, 4, 11, 11, 7, 8, 6]).joined(separator: " ") + "  "
            + rest
    }
}
