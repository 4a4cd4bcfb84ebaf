import Foundation
import Media
import Pipeline
import Testing
import TestSupport
import TextFormats

@Suite struct RequestTests {
    @Test func `a line is a path`() {
        #expect(Request(line: "a b.mp4\r")?.input == "a b.mp4")
        #expect(Request(line: "   ") == nil)
    }

    @Test func `a JSON line keeps its other keys`() throws {
        let request = try #require(Request(line: #"{"path":"a.mp4","id":7,"prompt":"a cat"}"#))
        #expect(request.input == "a.mp4")
        #expect(request.extras == [.init("id", .integer(7)), .init("prompt", .string("a cat"))])
    }

    @Test func `a JSON line can request a degradation`() throws {
        let line = #"{"path":"a.mp4","degradation":{"kind":"blur","strength":3}}"#
        let request = try #require(Request(line: line))
        #expect(request.degradation == Degradation(kind: .blur, strength: 3))
        #expect(request.failure == nil)
        #expect(request.extras.map(\.key) == ["degradation"])
    }

    @Test(arguments: [
        #""blur""#, #"{"kind":"blur"}"#, #"{"kind":"fire","strength":1}"#,
        #"{"kind":"blur","strength":6}"#, #"{"kind":"blur","strength":-1}"#,
        #"{"kind":"blur","strength":1.5}"#, #"{"kind":"blur","strength":1,"seed":-1}"#,
    ])
    func `an invalid degradation is refused with the known kinds`(value: String) throws {
        let request = try #require(Request(line: #"{"path":"a.mp4","degradation":\#(value)}"#))
        #expect(request.failure?.contains("blur, noise, blocks") == true)
    }

    @Test(arguments: [#"{"id":7}"#, #"{"path":3}"#, #"{"path":"#, #"{"path":"a\u0000b"}"#])
    func `an invalid JSON line is a failure`(line: String) throws {
        #expect(try #require(Request(line: line)).failure != nil)
    }

    @Test func `a path with a zero byte is a failure`() throws {
        #expect(try #require(Request(line: "a.mp4\0b")).failure != nil)
    }

    @Test func `each line of a list is a request, whatever it holds`() throws {
        let folder = try TemporaryFolder()
        let separators = "a\u{2028}\u{85}\u{b}.mp4"
        let path = try folder.write(
            Array("\u{feff}first\r\n\n\(separators)\n".utf8) + [0x62, 0xe9, 0x0a]
                + Array("c\0d\n{\"id\":1}\n\u{e9}\ne\u{301}".utf8), to: "list.txt")
        let source = try RequestSource(inputs: [], list: path)
        var requests: [Request] = []
        while let request = source.next() { requests.append(request) }
        #expect(
            requests.map { Array($0.input.utf8) }
                == ["first", separators, "b\u{fffd}", "c\0d", #"{"id":1}"#, "\u{e9}", "e\u{301}"]
                .map { Array($0.utf8) })
        #expect(
            requests.map(\.failure) == [
                nil, nil, "\(path):4: the line is not UTF-8",
                "\(path):5: a path with a zero byte names no file",
                "\(path):6: the line has no \"input\" or \"path\" that is a text", nil, nil,
            ])
        #expect(source.total == 7)
    }

    @Test func `shards cover the list without overlap and keep positions`() throws {
        let folder = try TemporaryFolder()
        let list = try folder.write((0..<7).map { "v\($0).mp4\n" }.joined(), to: "list.txt")
        var seen: [Int: String] = [:]
        for shard in ["0/3", "1/3", "2/3"] {
            let source = try RequestSource(inputs: [], list: list, shard: Shard(shard))
            var count = 0
            while let request = source.next() {
                let position = try #require(request.position)
                #expect(position.total == 7)
                #expect(seen.updateValue(request.input, forKey: position.index) == nil)
                count += 1
            }
            #expect(source.total == count)
        }
        #expect(seen == Dictionary(uniqueKeysWithValues: (0..<7).map { ($0, "v\($0).mp4") }))
    }

    @Test(arguments: ["3/3", "-1/3", "1", "a/b", "1/0", "0/3/1"])
    func `an impossible shard is refused`(text: String) {
        #expect(Shard(text) == nil)
    }
}
