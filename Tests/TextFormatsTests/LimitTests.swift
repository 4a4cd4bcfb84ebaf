import Testing
import TextFormats

@Suite struct LimitTests {
    @Test(arguments: ["[],", "{},", "[0],"])
    func `a text of many small lists is refused`(element: String) {
        let text = "[" + String(repeating: element, count: 1 << 20) + "0]"
        let error = #expect(throws: JSONValue.ParseError.self) { try JSONValue(parsing: text) }
        #expect(error?.reason == "more values than its length allows")
    }

    @Test func `a row of many clips is read`() throws {
        let clips = (0..<100_000).map { #"{"start":\#($0).5,"indices":[\#($0),\#($0 + 1)]}"# }
        let row = try JSONValue(parsing: #"{"clips":[\#(clips.joined(separator: ","))]}"#)
        #expect(row["clips"]?.arrayValue?.count == 100_000)
    }

    @Test func `a long list of numbers is read`() throws {
        let list = "[" + String(repeating: "1,", count: 1 << 20) + "1]"
        #expect(try JSONValue(parsing: list).arrayValue?.count == (1 << 20) + 1)
    }

    @Test func `a table of five thousand columns is refused`() {
        let text = String(repeating: ",", count: 5000)
        let error = #expect(throws: CSVTable.ParseError.self) { try CSVTable(parsing: text) }
        #expect(error?.reason == "more than 4096 fields")
    }
}
