import CSV
import Foundation
public import JSON

/// How ranked candidates are written: one JSON object a line, comma-separated values, or for people.
public enum RankFormat: String, Sendable, CaseIterable {
    case jsonl, csv, table

    private static let columns = [
        "group", "prompt", "rank", "score", "logit", "logit_spread", "margin", "input", "error",
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
        case .csv: CSVLine.text(Self.columns.map { Self.text(row[$0]) })
        case .table:
            Self.align(
                [
                    Self.text(row["rank"] ?? .string("-")), Self.fixed(row["score"], digits: 4),
                    Self.fixed(row["logit"], digits: 3), Self.fixed(row["margin"], digits: 3),
                ],
                (row["error"]?.stringValue
                    ?? "\(Self.text(row["group"]))  \(Self.text(row["input"]))")
                    // A prompt may have several lines, a row has one.
                    .replacing(#/\R/#, with: " "))
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

    private static func align(_ fields: [String], _ rest: String) -> String {
        zip(fields, [4, 7, 8, 7]).map { field, width in
            String(repeating: " ", count: max(0, width - field.count)) + field
        }.joined(separator: " ") + "  " + rest
    }
}
