import Files
import Testing
import TestSupport

@Suite struct LineReaderTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// All lines as `number text`.
    private func lines(_ bytes: [UInt8]) throws -> [String] {
        try LineReader.lines(of: folder.write(bytes, to: "lines"), failing: { $0 })
            .map { "\($0.number) \($0.text)" }
    }

    @Test func `blank lines, line ends and a byte order mark are left out`() throws {
        #expect(try lines(Array("\u{feff}a\r\n\n \t\r\n b\nc".utf8)) == ["1 a", "4  b", "5 c"])
        #expect(try lines([]).isEmpty)
    }

    @Test func `only LF and CRLF end a line`() throws {
        let text = "a\u{2028}b\u{2029}c\u{85}d\u{b}e\u{c}f\rg"
        #expect(try lines(Array("\(text)\r\n\u{301}\n".utf8)) == ["1 \(text)", "2 \u{301}"])
    }

    @Test func `a line that is not UTF-8 refuses itself`() throws {
        let path = try folder.write([0x61, 0x0a, 0x62, 0xe9, 0x0a, 0x63], to: "latin-1")
        let reader = try LineReader(path: path, failing: { $0 })
        var lines: [TextLine] = []
        while let line = try reader.nextLine() { lines.append(line) }
        #expect(lines.map(\.number) == [1, 2, 3])
        #expect(lines.map(\.isUTF8) == [true, false, true])
        #expect(lines.map(\.text) == ["a", "b\u{fffd}", "c"])
        #expect(lines.map(\.isComplete) == [true, true, false])
    }

    @Test func `a line may be longer than what is read at once`() throws {
        let long = String(repeating: "é", count: 1 << 18)
        #expect(try lines(Array("a\n\(long)\nb\n".utf8)) == ["1 a", "2 \(long)", "3 b"])
    }

    @Test func `what is not UTF-8, and a folder, are refused`() throws {
        #expect(throws: FileError.self) { try lines([0x61, 0x0a, 0xff]) }
        #expect(throws: FileError.self) { try LineReader.lines(of: folder.path, failing: { $0 }) }
    }

    @Test(arguments: ["/dev/zero", "/dev/urandom"])
    func `a device without end is refused, not read`(device: String) throws {
        let error = FileError(.read, device, .file("it is a device, not a file"))
        #expect(throws: error) { try LineReader.lines(of: device, failing: { $0 }) }
        #expect(throws: error) { try WholeFile.data(device, failing: { $0 }) }
        #expect(try WholeFile.data("/dev/null", failing: { $0 }).isEmpty)
    }
}
