import Foundation
import JSON
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

    @Test func `integers stay integers`() throws {
        #expect(
            try JSONValue(parsing: #"{"id":9007199254740993}"#)["id"]
                == .integer(9_007_199_254_740_993))
        #expect(
            try JSONValue(parsing: "[1.5,true,null]") == .array([.number(1.5), .bool(true), .null]))
    }

    @Test(arguments: [
        #"{"z":[],"a":{"b":-0.5,"c":"\ud83c\udfac\/\u00e9"},"n":null}"#, " [ 1 , 2.5e3 ]\r\n",
        #""\"\\\b\f\n\r\t""#, "true",
    ])
    func `what is read is written so that Foundation reads the same`(text: String) throws {
        func foundation(_ text: String) throws -> NSObject {
            try #require(
                JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
                    as? NSObject)
        }
        #expect(
            try foundation(text) == foundation(JSONValue(parsing: text).description))
    }

    @Test(arguments: [
        (#"{"a":"#, 5, "a value expected"), (#"{"a":1,"a":2}"#, 12, "the key 'a' comes twice"),
        ("[1,]", 3, "a value expected"), ("01", 2, "a leading zero"),
        ("1 2", 2, "text after the end"),
        ("1e999", 5, "a number too large"), ("nul", 0, "'null' expected"),
        (#""\ud800""#, 7, "half a surrogate pair"),
        ("\"\u{1}\"", 2, "a control character in a text"),
        (String(repeating: "[", count: 100), 64, "nested too deeply"), ("", 0, "a value expected"),
    ])
    func `what is no JSON is refused with its place`(
        text: String, offset: Int, reason: String
    ) {
        #expect(throws: JSONValue.Refusal(offset: offset, reason: reason)) {
            try JSONValue(parsing: text)
        }
    }

    @Test func `equal keys are refused, among few and among many`() {
        for count in [1, 31, 32, 33, 100] {
            let keys = (0..<count).map { "\"k\($0)\":0" }.joined(separator: ",")
            #expect(throws: Never.self) { try JSONValue(parsing: "{\(keys)}") }
            for twice in [0, count - 1] {
                #expect(throws: JSONValue.Refusal.self) {
                    try JSONValue(parsing: "{\(keys),\"k\(twice)\":1}")
                }
            }
        }
    }
}
