/// A table of comma-separated values with a header, parsed strictly.
///
/// Source: RFC 4180; in addition, lines may end with a single newline, and the text may begin with
/// a byte order mark, which spreadsheets write.
package struct CSVTable: Sendable, Hashable {
    package struct Row: Sendable, Hashable {
        /// One-based number of the row's first line.
        package let line: Int
        /// The fields, as many as in the header.
        package let fields: [String]
    }

    /// A parse error and its line.
    package struct ParseError: Error, Hashable {
        package let line: Int
        package let reason: String
    }

    package let header: [String]
    /// The rows after the header; empty lines are skipped.
    package let rows: [Row]

    package init(parsing text: String) throws(ParseError) {
        var reader = CSVReader(text)
        var rows: [Row] = []
        while let row = try reader.row() {
            if row.fields == [""] { continue }
            if let header = rows.first, header.fields.count != row.fields.count {
                throw ParseError(
                    line: row.line,
                    reason:
                        "\(row.fields.count) fields, the header has \(header.fields.count); "
                        + "quote fields that hold commas")
            }
            rows.append(row)
        }
        guard let header = rows.first else {
            throw ParseError(line: 1, reason: "no header; it names the columns")
        }
        if Set(header.fields).count < header.fields.count {
            throw ParseError(line: header.line, reason: "two columns have one name")
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

    private var nextByte: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    /// The next row; nil at the end.
    mutating func row() throws(CSVTable.ParseError) -> CSVTable.Row? {
        guard nextByte != nil else { return nil }
        let start = line
        var fields = [try field()]
        while nextByte == UInt8(ascii: ",") {
            offset += 1
            fields.append(try field())
        }
        if nextByte == UInt8(ascii: "\r") { offset += 1 }
        if nextByte == UInt8(ascii: "\n") { offset += 1 }
        line += 1
        return CSVTable.Row(line: start, fields: fields)
    }

    /// Reads a field up to the comma or the line end.
    private mutating func field() throws(CSVTable.ParseError) -> String {
        guard nextByte == UInt8(ascii: "\"") else {
            let start = offset
            while let byte = nextByte, byte != UInt8(ascii: ","), byte != UInt8(ascii: "\n"),
                byte != UInt8(ascii: "\r")
            {
                guard byte != UInt8(ascii: "\"") else {
                    throw error("a quote inside a field that is not quoted")
                }
                offset += 1
            }
            return String(decoding: bytes[start..<offset], as: UTF8.self)
        }
        let start = line
        var text: [UInt8] = []
        offset += 1
        while let byte = nextByte {
            offset += 1
            if byte == UInt8(ascii: "\n") { line += 1 }
            if byte != UInt8(ascii: "\"") {
                text.append(byte)
            } else if nextByte == UInt8(ascii: "\"") {
                text.append(byte)
                offset += 1
            } else {
                let ends: Set = [UInt8(ascii: ","), UInt8(ascii: "\n"), UInt8(ascii: "\r")]
                guard nextByte.map(ends.contains) ?? true else {
                    throw error("text after a closing quote")
                }
                return String(decoding: text, as: UTF8.self)
            }
        }
        throw CSVTable.ParseError(line: start, reason: "a quoted field without end")
    }

    private func error(_ reason: String) -> CSVTable.ParseError {
        .init(line: line, reason: reason)
    }
}
