/// A table of comma-separated values with a header, parsed strictly.
///
/// Source: RFC 4180; in addition, lines may end with a single newline, and the text may begin with
/// a byte order mark, which spreadsheets write. Columns are different if the bytes of their names are.
package struct CSVTable: Sendable, Hashable {
    package struct Row: Sendable, Hashable {
        /// One-based number of the row's first line.
        package let line: Int
        /// The fields, as many as in the header.
        package let fields: [String]
        /// Whether the bytes are UTF-8; if not, the fields have replacement characters.
        package let isUTF8: Bool
    }

    /// A parse error and its line.
    package struct ParseError: Error, Hashable {
        package let line: Int
        package let reason: String
    }

    /// Maximum number of columns; annotation files have fewer than a hundred.
    package static let columnLimit = 4096
    /// Maximum length of a table, in bytes: a million rows of annotations. A short row takes 30
    /// times its length in memory.
    package static let byteLimit = 64 << 20

    package let header: [String]
    /// The rows after the header; empty lines are skipped.
    package let rows: [Row]

    package init(parsing text: String) throws(ParseError) {
        try self.init(parsing: text.utf8)
    }

    /// Parses bytes of which some rows may not be UTF-8; see `Row.isUTF8`.
    package init(parsing bytes: some Collection<UInt8>) throws(ParseError) {
        guard bytes.count <= Self.byteLimit else {
            throw ParseError(
                line: 1, reason: "the table is larger than \(Self.byteLimit >> 20) MiB; split it")
        }
        var reader = CSVReader(bytes)
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
        guard header.isUTF8 else {
            throw ParseError(line: header.line, reason: "the header is not UTF-8")
        }
        if Set(header.fields.map { ByteString($0) }).count < header.fields.count {
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
    /// Whether the current row is UTF-8 so far.
    private var isUTF8 = true

    init(_ bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        offset = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
        self.bytes = bytes
    }

    private var nextByte: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    /// Whether a line or the text ends here: at LF or CRLF, as everywhere else.
    private var isAtLineEnd: Bool {
        switch nextByte {
        case nil, UInt8(ascii: "\n"): true
        case UInt8(ascii: "\r"):
            offset + 1 == bytes.count || bytes[offset + 1] == UInt8(ascii: "\n")
        default: false
        }
    }

    /// The text of a field.
    private mutating func text(_ field: some Collection<UInt8>) -> String {
        if let text = String(validating: field, as: UTF8.self) { return text }
        isUTF8 = false
        return String(decoding: field, as: UTF8.self)
    }

    /// The next row; nil at the end.
    mutating func row() throws(CSVTable.ParseError) -> CSVTable.Row? {
        guard nextByte != nil else { return nil }
        let start = line
        isUTF8 = true
        var fields = [try field()]
        while nextByte == UInt8(ascii: ",") {
            offset += 1
            fields.append(try field())
            guard fields.count <= CSVTable.columnLimit else {
                throw error("more than \(CSVTable.columnLimit) fields")
            }
        }
        if nextByte == UInt8(ascii: "\r") { offset += 1 }
        if nextByte == UInt8(ascii: "\n") { offset += 1 }
        line += 1
        return CSVTable.Row(line: start, fields: fields, isUTF8: isUTF8)
    }

    /// Reads a field up to the comma or the line end.
    private mutating func field() throws(CSVTable.ParseError) -> String {
        guard nextByte == UInt8(ascii: "\"") else {
            let start = offset
            while let byte = nextByte, byte != UInt8(ascii: ","), !isAtLineEnd {
                guard byte != UInt8(ascii: "\"") else {
                    throw error("a quote inside a field that is not quoted")
                }
                offset += 1
            }
            return text(bytes[start..<offset])
        }
        let start = line
        var content: [UInt8] = []
        offset += 1
        while let byte = nextByte {
            offset += 1
            if byte == UInt8(ascii: "\n") { line += 1 }
            if byte != UInt8(ascii: "\"") {
                content.append(byte)
            } else if nextByte == UInt8(ascii: "\"") {
                content.append(byte)
                offset += 1
            } else {
                guard nextByte == UInt8(ascii: ",") || isAtLineEnd else {
                    throw error("text after a closing quote")
                }
                return text(content)
            }
        }
        throw CSVTable.ParseError(line: start, reason: "a quoted field without end")
    }

    private func error(_ reason: String) -> CSVTable.ParseError {
        .init(line: line, reason: reason)
    }
}
