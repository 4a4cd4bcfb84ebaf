import Foundation

/// Formats rows of fields as a table.
package enum TextTable {
    /// A table as aligned text; the first line is its header.
    ///
    /// - Parameter numbers: The columns that are right-aligned.
    package static func text(_ lines: [[String]], numbers: ClosedRange<Int>) -> String {
        let lines = lines.map { $0.map(DisplayText.line) }
        guard let first = lines.first else { return "" }
        let widths = first.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { fields in
            fields.enumerated().map { column, field in
                let space = String(repeating: " ", count: widths[column] - field.count)
                return numbers.contains(column) ? space + field : field + space
            }.joined(separator: "  ").trimmingCharacters(in: .whitespaces)
        }.joined(separator: "\n")
    }
}
