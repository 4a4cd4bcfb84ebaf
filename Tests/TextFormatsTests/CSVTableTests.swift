import Testing
import TextFormats

@Suite struct CSVTableTests {
    private func rows(_ text: String) throws -> [[String]] {
        try CSVTable(parsing: text).rows.map(\.fields)
    }

    /// As Python's `csv.reader(io.StringIO(text, newline="\n"))` reads lines that end with LF or CRLF.
    @Test func `a line ends with LF or CRLF`() throws {
        #expect(try rows("\u{feff}a,b\r\n1,2\n3,4") == [["1", "2"], ["3", "4"]])
        let text = "1\u{2028}\u{85}\u{b}\u{c}\r1"
        #expect(try rows("a,b\n\(text),2\n\"\(text)\",4\r\n") == [[text, "2"], [text, "4"]])
    }

    /// As Python's `csv.writer` writes them; a combining mark makes one `Character` of both.
    @Test func `a quote is doubled before a combining mark`() throws {
        let field = "a \"\u{652}b\",\"\u{301}"
        let line = CSVLine.text([field, "2"])
        #expect(line.hasSameBytes(as: "\"a \"\"\u{652}b\"\",\"\"\u{301}\",2"))
        #expect(try rows("a,b\n\(line)\n") == [[field, "2"]])
    }

    /// The mark at the start of a file is not part of its first field, so a field that begins with one is quoted.
    @Test func `a field keeps its byte-order mark`() throws {
        let table = try CSVTable(parsing: CSVLine.text(["\u{FEFF}a", "b"]) + "\n1,2\n")
        #expect(table.header[0].utf8.elementsEqual("\u{FEFF}a".utf8))
        #expect(try CSVTable(parsing: "\u{FEFF}a,b\n1,2\n").header[0].utf8.elementsEqual("a".utf8))
    }

    @Test func `a row that is not UTF-8 is marked`() throws {
        let bytes = Array("a,b\n1,".utf8) + [0xe9] + Array("\n3,4\n".utf8)
        let table = try CSVTable(parsing: bytes)
        #expect(table.rows.map(\.isUTF8) == [false, true])
        #expect(table.rows.map(\.line) == [2, 3])
        let error = try #require(throws: CSVTable.ParseError.self) {
            try CSVTable(parsing: [0xe9, 0x0a])
        }
        #expect(error.line == 1 && error.reason == "the header is not UTF-8")
    }
}
