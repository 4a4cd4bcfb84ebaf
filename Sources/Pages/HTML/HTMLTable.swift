import TextFormats

extension TextTable {
    /// A table as HTML; the first line is its header.
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
