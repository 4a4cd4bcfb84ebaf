import Foundation

/// Lines of fields, aligned for people.
enum TextTable {
    /// - Parameter numbers: The columns that are aligned to the right.
    static func text(_ lines: [[String]], numbers: ClosedRange<Int>) -> String {
        guard let first = lines.first else { return "" }
        let widths = first.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { fields in
            fields.enumerated().map { column, field in
                let space = String(repeating: " ", count: widths[column] - field.count)
                return numbers.contains(column) ? space + field : field + space
            }.joined(separator: "  ").trimmingCharacters(in: .whitespaces)
        }.joined(separator: "\n")
    }

    /// The same as a table of a page; the first line is its header.
    static func html(_ lines: [[String]], numbers: ClosedRange<Int>) -> String {
        let header = lines.first.map { fields in
            fields.map { "<th>\($0.escapedForHTML)</th>" }.joined()
        }
        let rows = lines.dropFirst().map { fields in
            let cells = fields.enumerated().map { column, field in
                numbers.contains(column)
                    ? "<td class=\"number\">\(field.escapedForHTML)</td>"
                    : "<td>\(field.escapedForHTML)</td>"
            }
            return "<tr>\(cells.joined())</tr>"
        }
        return """
            <div class="wide"><table>
            <thead><tr>\(header ?? "")</tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            </table></div>
            """
    }
}
