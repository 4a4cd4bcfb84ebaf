import Foundation
import GANRM
import Testing

@Suite struct JSONValueTests {
    @Test func `an object keeps the order of its keys`() {
        let value = JSONValue.object([
            .init("z", .integer(1)), .init("a", .array([.null, .bool(true)])),
        ])
        #expect(value.description == #"{"z":1,"a":[null,true]}"#)
    }

    @Test(arguments: [
        ("plain", #""plain""#), ("quote \" and \\", #""quote \" and \\""#),
        ("line\nbreak\ttab", #""line\nbreak\ttab""#), ("\u{1}\u{7f}", #""\u0001\u007f""#),
        ("🎬 שלום", #""🎬 שלום""#),
    ])
    func `texts are escaped so that any parser reads them back`(text: String, expected: String)
        throws
    {
        #expect(JSONValue.string(text).description == expected)
        let parsed = try JSONSerialization.jsonObject(
            with: Data(expected.utf8), options: .fragmentsAllowed)
        #expect(parsed as? String == text)
    }

    @Test func `numbers that JSON has no word for become null`() {
        #expect(JSONValue.number(.nan).description == "null")
        #expect(JSONValue.float(.infinity).description == "null")
    }

    @Test func `a Float is written with as few digits as tell it apart`() {
        #expect(JSONValue.float(0.1).description == "0.1")
        #expect(JSONValue.float(1e-7).description == "1e-07")
    }

    @Test func `integers stay integers`() {
        #expect(
            JSONValue(parsing: #"{"id":9007199254740993}"#)?["id"]
                == .integer(9_007_199_254_740_993))
        #expect(
            JSONValue(parsing: "[1.5,true,null]") == .array([.number(1.5), .bool(true), .null]))
        #expect(JSONValue(parsing: "{\"a\":") == nil)
    }
}
