/// A table of comma-separated values with a header, read strictly.
///
/// Source: RFC 4180; lines may also end with a single newline, and the text may begin with a byte order
/// mark, as spreadsheets write it.
package struct CSVTable: Sendable, Hashable {
    package struct Row: Sendable, Hashable {
        /// Where it begins, from 1.
        package let line: Int
        /// As many as the header has.
        package let fields: [String]
    }

    /// Why a text is no table, and where.
    package struct Refusal: Error, Hashable {
        package let line: Int
        package let reason: String
    }

    package let header: [String]
    /// Empty lines are left out.
    package let rows: [Row]

    package init(parsing text: String) throws(Refusal) {
        var reader = CSVReader(text)
        var rows: [Row] = []
        while let row = try reader.row() {
            if row.fields == [""] { continue }
            if let header = rows.first, header.fields.count != row.fields.count {
                throw Refusal(
                    line: row.line,
                    reason:
                        "\(row.fields.count) fields, the header has \(header.fields.count); "
                        + "quote fields that hold commas")
            }
            rows.append(row)
        }
        guard let header = rows.first else {
            throw Refusal(line: 1, reason: "no header; it names the columns")
        }
        if Set(header.fields).count < header.fields.count {
            throw Refusal(line: header.line, reason: "two columns have one name")
        }
        self.header = header.fields
        self.rows = Array(rows.dropFirst())
    }
}

private struct CSVReader {
    private let bytes: [UInt8]
    private var offset = 0
    private var line = 1

    init(_ text: String) {
        let bytes = Array(text.utf8)
        offset = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
        self.bytes = bytes
    }

    private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    /// The next row; nil at the end.
    mutating func row() throws(CSVTable.Refusal) -> CSVTable.Row? {
        guard next != nil else { return nil }
        let start = line
        var fields = [try field()]
        while next == UInt8(ascii: ",") {
            offset += 1
            fields.append(try field())
        }
        if next == UInt8(ascii: "\r") { offset += 1 }
        if next == UInt8(ascii: "\n") { offset += 1 }
        line += 1
        return CSVTable.Row(line: start, fields: fields)
    }

    /// Reads up to the comma or the end of the line.
    private mutating func field() throws(CSVTable.Refusal) -> String {
        guard next == UInt8(ascii: "\"") else {
            let start = offset
            while let byte = next, byte != UInt8(ascii: ","), byte != UInt8(ascii: "\n"),
                byte != UInt8(ascii: "\r")
            {
                guard byte != UInt8(ascii: "\"") else {
                    throw refusal("a quote inside a field that is not quoted")
                }
                offset += 1
            }
            return String(decoding: bytes[start..<offset], as: UTF8.self)
        }
        let start = line
        var text: [UInt8] = []
        offset += 1
        while let byte = next {
            offset += 1
            if byte == UInt8(ascii: "\n") { line += 1 }
            if byte != UInt8(ascii: "\"") {
                text.append(byte)
            } else if next == UInt8(ascii: "\"") {
                text.append(byte)
                offset += 1
            } else {
                let ends: Set = [UInt8(ascii: ","), UInt8(ascii: "\n"), UInt8(ascii: "\r")]
                guard next.map(ends.contains) ?? true else {
                    throw refusal("text after a closing quote")
                }
                return String(decoding: text, as: UTF8.self)
            }
        }
        throw CSVTable.Refusal(line: start, reason: "a quoted field without end")
    }

    private func refusal(_ reason: String) -> CSVTable.Refusal { .init(line: line, reason: reason) }
}
