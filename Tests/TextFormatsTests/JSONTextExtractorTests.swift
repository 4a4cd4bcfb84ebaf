import Testing
import TextFormats

struct JSONTextExtractorTests {
    /// What is taken out of a document that arrives in pieces of `count` bytes, and what is left.
    private func extract(
        _ document: String, keys: [String] = ["media"], isLines: Bool = false, pieces count: Int
    ) -> (texts: [String], arrays: [Int?], rest: String) {
        var extractor = JSONTextExtractor(keys: keys, isLines: isLines)
        var texts: [[UInt8]] = []
        var arrays: [Int?] = []
        let bytes = Array(document.utf8)
        for begin in stride(from: 0, to: bytes.count, by: count) {
            bytes[begin..<min(begin + count, bytes.count)].withUnsafeBytes {
                extractor.read($0) { event in
                    switch event {
                    case .began(let array):
                        texts.append([])
                        arrays.append(array)
                    case .bytes(let bytes): texts[texts.count - 1] += bytes
                    case .ended: break
                    }
                }
            }
        }
        return (
            texts.map { String(decoding: $0, as: UTF8.self) }, arrays,
            String(decoding: extractor.rest, as: UTF8.self)
        )
    }

    @Test(arguments: [1, 2, 7, 1000])
    func `texts of chosen keys are taken out, and only those`(size: Int) {
        let document = #"""
            {"media":"AA\/B\u003d\u002B","other":"\"media\":","media2":"x", "a":{"media" : ["b","c",{"d":"e",
            "media":"f"},"g"]},"h":["media","i"],"media":null}
            """#
        let found = extract(document, pieces: size)
        #expect(found.texts == ["AA/B=+", "b", "c", "f", "g"])
        #expect(
            found.rest == #"""
                {"media":"0","other":"\"media\":","media2":"x", "a":{"media" : ["1","2",{"d":"e",
                "media":"3"},"4"]},"h":["media","i"],"media":null}
                """#)
    }

    @Test(arguments: [1, 3, 1000])
    func `texts of an array in an array belong together`(size: Int) {
        let found = extract(
            #"{"media":[["a","b"],["c"],[],"d"],"x":[["e"]]}"#, pieces: size)
        #expect(found.texts == ["a", "b", "c", "d"])
        #expect(found.arrays[0] != nil && found.arrays[0] == found.arrays[1])
        #expect(found.arrays[2] != nil && found.arrays[2] != found.arrays[0])
        #expect(found.arrays[3] == nil)
    }

    @Test(arguments: [1, 5, 1000])
    func `a line that is broken off has no effect on the next one`(size: Int) {
        let lines =
            "{\"media\":\"a\n{\"id\":\"b\n{\"x\":[{\"media\":\"c\"}\n{\"media\":\"d\",\"id\":1}"
        let found = extract(lines, isLines: true, pieces: size)
        #expect(found.texts == ["a", "c", "d"])
        #expect(found.rest.split(separator: "\n").last == "{\"media\":\"2\",\"id\":1}")
    }

    @Test func `escapes beyond ASCII and control characters are no base64`() {
        let found = extract(#"{"media":"\u00e9\ud83d\udc31\x\b"}"#, pieces: 1)
        #expect(found.texts == ["\0\0\0\0\0"])
    }

    @Test func `what is nested too deeply stays`() {
        let document =
            String(repeating: "[", count: 100) + #"{"media":"a"}"#
            + String(repeating: "]", count: 100)
        #expect(extract(document, pieces: 3).texts.isEmpty)
        #expect(extract(document, pieces: 3).rest == document)
    }
}
