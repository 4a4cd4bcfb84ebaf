import Foundation
import Testing
import TextFormats

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
    func `strings are escaped so that any parser reads them back`(text: String, expected: String)
        throws
    {
        #expect(JSONValue.string(text).description == expected)
        let parsed = try JSONSerialization.jsonObject(
            with: Data(expected.utf8), options: .fragmentsAllowed)
        #expect(parsed as? String == text)
    }

    @Test func `literals keep the order of keys and the kind of numbers`() {
        let name = "cat"
        let value: JSONValue = ["z": 1, "a": [true, 0.5, 1.0, "a \(name)"], "e": [:]]
        #expect(value.description == #"{"z":1,"a":[true,0.5,1.0,"a cat"],"e":{}}"#)
    }

    @Test func `non-finite numbers are written as null`() {
        #expect(JSONValue.number(.nan).description == "null")
        #expect(JSONValue.float(.infinity).description == "null")
    }

    @Test func `a Float is written with the fewest digits that identify it`() {
        #expect(JSONValue.float(0.1).description == "0.1")
        #expect(JSONValue.float(1e-7).description == "1e-07")
    }

    @Test(
        arguments: [
            0.1, 1e-7, -3.25, 16_777_216, 3.3e10, 9.5e15, 1e16, .greatestFiniteMagnitude,
            .leastNonzeroMagnitude,
        ] as [Float])
    func `a Float that is read back is written as the same text`(value: Float) throws {
        let text = JSONValue.float(value).description
        #expect(Float(text) == value)
        #expect(try JSONValue(parsing: text).description == text)
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
    func `a parsed value is written as equivalent JSON`(text: String) throws {
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
    func `invalid JSON is refused with its offset`(
        text: String, offset: Int, reason: String
    ) {
        #expect(throws: JSONValue.ParseError(offset: offset, reason: reason)) {
            try JSONValue(parsing: text)
        }
    }

    @Test func `duplicate keys are refused in small and large objects`() {
        for count in [1, 31, 32, 33, 100] {
            let keys = (0..<count).map { "\"k\($0)\":0" }.joined(separator: ",")
            #expect(throws: Never.self) { try JSONValue(parsing: "{\(keys)}") }
            for duplicate in [0, count - 1] {
                #expect(throws: JSONValue.ParseError.self) {
                    try JSONValue(parsing: "{\(keys),\"k\(duplicate)\":1}")
                }
            }
        }
    }

    /// 2⁶⁴ − 1 and 2⁶⁴ − 2 are one `Double`.
    @Test(arguments: ["18446744073709551615", "18446744073709551614", "-9223372036854775809"])
    func `a whole number beyond 64 bits keeps its digits`(digits: String) throws {
        let value = try JSONValue(parsing: #"{"id":\#(digits)}"#)
        #expect(value.description == #"{"id":\#(digits)}"#)
        #expect(value["id"]?.doubleValue == Double(digits))
        #expect(value["id"]?.integerValue == nil)
    }

    @Test func `a whole number may have a fraction or an exponent`() throws {
        let texts = ["7", "7.0", "70e-1", "1e3", "0.5", "1e300", "-0.0"]
        #expect(
            try texts.map { try JSONValue(parsing: $0).integerValue } == [
                7, 7, 7, 1000, nil, nil, 0,
            ])
    }

    @Test func `writings of one value have one canonical text`() throws {
        let texts = [
            #"{"b":[1e3,{"d":1,"c":2}],"a":0.50}"#, #"{"a":5e-1,"b":[1000,{"c":2.0,"d":1}]}"#,
        ]
        for text in texts {
            #expect(
                try JSONValue(parsing: text).canonical.description
                    == #"{"a":0.5,"b":[1000,{"c":2,"d":1}]}"#)
        }
    }
}
