import CSV
import Foundation
import JSON

/// How result rows are written: one JSON object a line, comma-separated values, or for people.
public enum ResultFormat: String, Sendable, CaseIterable {
    case jsonl, csv, table

    /// The columns of CSV and table; everything else is in JSONL only.
    static let columns = [
        "score", "logit", "probability", "percentile_generated", "percentile_proxy", "kind",
        "frames", "duration", "input", "error",
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
            CSVLine.text((["id"] + Self.columns).map { Self.text(row[$0]) })
        case .table:
            if let error = row["error"]?.stringValue {
                // Most sentences name the input.
                Self.align(
                    Array(repeating: "-", count: 6) + [
                        error.contains(Self.text(row["input"]))
                            ? error : "\(Self.text(row["input"])): \(error)"
                    ])
            } else {
                Self.align([
                    Self.fixed(row["score"], digits: 4), Self.fixed(row["logit"], digits: 3),
                    Self.fixed(row["percentile_generated"], digits: 1), Self.text(row["kind"]),
                    Self.text(row["frames"]),
                    Self.fixed(row["duration"] ?? row["start"], digits: 2),
                    Self.text(row["input"]),
                ])
            }
        }
    }

    private static func text(_ value: JSONValue?) -> String {
        switch value {
        case nil, .null?: ""
        case .string(let text)?: text
        case let value?: value.description
        }
    }

    private static func fixed(_ value: JSONValue?, digits: Int) -> String {
        guard let number = value?.doubleValue else { return "-" }
        return String(format: "%.\(digits)f", number)
    }

    /// Numbers right-aligned in columns of fixed width; the input, which may be long, comes last.
    private static func align(_ fields: [String]) -> String {
        let widths = [7, 8, 7, 6, 7, 9]
        let aligned = zip(fields, widths).map { field, width in
            String(repeating: " ", count: max(0, width - field.count)) + field
        }
        return aligned.joined() + "  " + fields[widths.count...].joined()
    }
}
