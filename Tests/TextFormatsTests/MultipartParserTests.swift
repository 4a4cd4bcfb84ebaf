import Testing
import TextFormats

/// Bodies as RFC 7578 and RFC 2046 have them; `ServeProtocolTests` has those of curl.
struct MultipartParserTests {
    private struct Found: Equatable {
        var parts: [MultipartParser.Part] = []
        var contents: [String] = []
        var isComplete = false
    }

    /// - Returns: Nil for a body that is refused.
    private func parse(_ body: String, type: String, pieces count: Int) -> Found? {
        guard var parser = try? MultipartParser(contentType: type) else { return nil }
        var found = Found()
        let bytes = Array(body.utf8)
        do {
            for begin in stride(from: 0, to: bytes.count, by: count) {
                try bytes[begin..<min(begin + count, bytes.count)].withUnsafeBytes { bytes in
                    try parser.read(bytes, failing: { $0 }) {
                        event throws(MultipartParser.Problem) in
                        switch event {
                        case .began(let part):
                            found.parts.append(part)
                            found.contents.append("")
                        case .bytes(let bytes):
                            found.contents[found.contents.count - 1] += String(
                                decoding: bytes, as: UTF8.self)
                        case .ended: break
                        }
                    }
                }
            }
        } catch {
            return nil
        }
        found.isComplete = parser.isComplete
        return found
    }

    private static let type = "multipart/form-data; charset=x; boundary=\"a b\""

    @Test(arguments: [1, 2, 5, 13, 1000])
    func `parts are found whatever the pieces`(size: Int) throws {
        let body = [
            "preamble", "--a b  ",
            "Content-Disposition: form-data; name=\"a \\\"red\\\" fox\"; filename=\"C:\\x%22y.mp4\"",
            "Content-Type: video/mp4", "", "first\r\n--a", "--a bx", "", "--a b",
            "content-disposition:form-data;name=b\u{85}\u{2028}c", "", "", "--a b", "", "no header",
            "--a b", "X: y", "", "--a b--", "epilogue",
        ].joined(separator: "\r\n")
        // A line that begins like the boundary has text behind it: refused, as by any reader that looks for boundaries.
        #expect(parse(body, type: Self.type, pieces: size) == nil)
        let valid = body.replacing("--a bx", with: "--a  b")
        let found = try #require(parse(valid, type: Self.type, pieces: size))
        #expect(found.parts.map(\.name) == ["a \"red\" fox", "b\u{85}\u{2028}c", nil, nil])
        #expect(found.parts.map(\.fileName) == ["C:\\x\"y.mp4", nil, nil, nil])
        #expect(found.contents == ["first\r\n--a\r\n--a  b\r\n", "", "no header", ""])
        #expect(found.isComplete)
    }

    @Test func `a body that is broken off is not complete`() throws {
        let body = "--x\r\n\r\nabc\r\n--x--"
        for count in 0..<body.utf8.count {
            let half = String(decoding: body.utf8.prefix(count), as: UTF8.self)
            let found = try #require(
                parse(half, type: "multipart/mixed; boundary=x", pieces: 4))
            #expect(!found.isComplete)
        }
        #expect(parse(body, type: "multipart/mixed; boundary=x", pieces: 4)?.isComplete == true)
    }

    @Test(arguments: [
        "multipart/form-data", "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"\u{e9}\"",
        "multipart/form-data; boundary=\(String(repeating: "x", count: 71))",
    ])
    func `a boundary is wanted`(type: String) {
        #expect(parse("", type: type, pieces: 1) == nil)
    }

    @Test(arguments: [
        "no colon", "Content-Transfer-Encoding: base64",
        "X: \(String(repeating: "x", count: 20_000))",
    ])
    func `headers that cannot be read are refused`(header: String) {
        let body = "--x\r\n\(header)\r\n\r\nabc\r\n--x--"
        #expect(parse(body, type: "multipart/mixed; boundary=x", pieces: 100) == nil)
    }
}
