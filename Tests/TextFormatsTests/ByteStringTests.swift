import Testing
import TextFormats

@Suite struct ByteStringTests {
    /// `é` as one code point and as two: equal as `String`s.
    private static let twins = ("\u{e9}.png", "e\u{301}.png")

    @Test func `texts are different if their bytes are`() {
        let (first, second) = Self.twins
        #expect(first == second)
        #expect(ByteString(first) != ByteString(second))
        #expect(Set([ByteString(first), ByteString(second), ByteString(first)]).count == 2)
        // 0x65 before 0xc3.
        #expect(ByteString(second) < ByteString(first))
        #expect(JSONValue.string(first) != .string(second))
        #expect(JSONValue.Member(first, 1) != .init(second, 1))
    }

    @Test func `an object has keys and a table columns that differ in bytes only`() throws {
        let (first, second) = Self.twins
        for count in [0, 40] {
            let others = (0..<count).map { "\"k\($0)\":0," }.joined()
            let object = try JSONValue(parsing: "{\(others)\"\(first)\":1,\"\(second)\":2}")
            #expect(object[first] == 1)
            #expect(object[second] == 2)
        }
        let table = try CSVTable(parsing: "\(first),\(second)\n1,2\n")
        #expect(table.rows.map(\.fields) == [["1", "2"]])
        #expect(throws: CSVTable.ParseError.self) {
            try CSVTable(parsing: "\(first),\(first)\n1,2\n")
        }
    }

    @Test func `a prefix that a combining mark follows is one`() {
        #expect(!"a/\u{301}b".hasPrefix("a/"))
        #expect("a/\u{301}b".hasBytePrefix("a/"))
        #expect("a\u{301}.csv".hasByteSuffix(".csv"))
        #expect(!"v".hasByteSuffix(".csv"))
    }
}
