import TextFormats

extension TextTable {
    /// A table as HTML; the first line is its header.
    static func html(_ lines: [[String]], numbers: ClosedRange<Int>) -> String {
        let header = lines.first.map { fields in
            fields.enumerated().map { column, field in
                numbers.contains(column)
                    ? "<th class=\"number\">\(field.escapedForHTML)</th>"
                    : "<th>\(field.escapedForHTML)</th>"
            }.joined()
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
            <div class="wide" tabindex="0"><table>
            <thead><tr>\(header ?? "")</tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            </table></div>
            """
    }
}
