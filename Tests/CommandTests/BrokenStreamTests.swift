import Foundation
import Testing
import TestSupport
import TextFormats

/// Streams that stall, break off, change or restart give scores for the frames that were received.
@Suite struct BrokenStreamTests {
    private let setting: ScoringFixture
    private let folder: TemporaryFolder

    init() throws {
        setting = try ScoringFixture.shared.get()
        folder = try TemporaryFolder()
    }

    /// Generates a video of ten clips of four frames.
    private func stream(
        _ name: String, size: String = "64x48", _ options: String = ""
    ) throws -> String {
        try folder.make(
            name, source: "testsrc2=size=\(size):rate=10",
            "-frames:v 40 -pix_fmt yuv420p -c:v libx264 -g 10 -bf 0 \(options)")
    }

    /// Starts a program that writes the first part of a file and then sends itself a signal.
    private func writer(of file: String, share: Double, signal: String) throws -> BackgroundProcess
    {
        let size = try Data(contentsOf: URL(fileURLWithPath: file)).count
        return try BackgroundProcess(
            URL(fileURLWithPath: "/bin/sh"),
            ["-c", "head -c $1 \"$2\"; kill -\(signal) $$", "sh"]
                + ["\(Int(Double(size) * share))", file])
    }

    /// Expects the clips of a row to be the first clips of the file.
    private func expectBeginning(
        _ row: JSONValue, of file: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let expected = try setting.rows(of: file).map(\.clipFacts)
        let found = row.clipRows.map(\.clipFacts)
        #expect((5...expected.count).contains(found.count), sourceLocation: sourceLocation)
        #expect(found == Array(expected.prefix(found.count)), sourceLocation: sourceLocation)
    }

    @Test(arguments: ["a.nut", "a.ts", "a.mkv"])
    func `a writer that stalls longer than the time-out`(name: String) throws {
        let file = try stream(name)
        let stopped = try writer(of: file, share: 0.8, signal: "STOP")
        let run = try setting.live(["-", "--timeout", "3"], from: stopped)
        let (status, lines) = try run.finish()
        #expect(status == 0)
        let row = try #require(try setting.rows(lines).first)
        #expect(row["truncated"] == .bool(true))
        #expect(row["truncation"]?.stringValue?.contains("sent nothing for 3.0 s") == true)
        try expectBeginning(row, of: file)
    }

    @Test func `a writer that sends nothing`() throws {
        let silent = try BackgroundProcess(
            URL(fileURLWithPath: "/bin/sh"), ["-c", "kill -STOP $$"])
        let run = try setting.live(["-", "--timeout", "0.5"], from: silent)
        let (status, lines) = try run.finish()
        #expect(status == 3)
        #expect(
            try setting.rows(lines).first?["error"]
                == .string("'-' sent nothing for 0.5 s; try again or raise the time-out"))
    }

    @Test(arguments: ["a.nut", "a.ts", "a.mkv", "a.y4m"])
    func `a writer that is killed`(name: String) throws {
        let file =
            name == "a.y4m"
            ? try folder.make(name, source: "testsrc2=size=64x48:rate=10", "-frames:v 40")
            : try stream(name)
        let killed = try writer(of: file, share: 0.8, signal: "KILL")
        let run = try setting.live(["-"], from: killed)
        let (status, lines) = try run.finish()
        #expect(status == 0)
        let row = try #require(try setting.rows(lines).first)
        // A transport stream has no end marker.
        if name != "a.ts" { #expect(row["truncated"] == .bool(true)) }
        try expectBeginning(row, of: file)
    }

    /// Scores two concatenated transport streams and expects the logits of both.
    private func rows(of first: String, then second: String) throws -> [JSONValue] {
        let both = try folder.write(
            folder.bytes("first.ts") + folder.bytes("second.ts"), to: "both.ts")
        let rows = try setting.rows(of: writer(of: both, share: 1, signal: "KILL"))
        let expected = try setting.rows(of: first) + setting.rows(of: second)
        #expect(rows.count == 20)
        #expect(rows.map { $0["logit"] } == expected.map { $0["logit"] })
        return rows
    }

    /// Backwards, and far backwards, which FFmpeg takes for a wraparound.
    @Test(arguments: ["0", "1000"])
    func `time stamps that restart`(offset: String) throws {
        let first = try stream("first.ts", "-output_ts_offset \(offset)")
        let second = try stream("second.ts", "-vf negate")
        let rows = try rows(of: first, then: second)
        #expect(rows.compactMap(\.firstIndex) == Array(stride(from: 0, to: 80, by: 4)))
        for (clip, row) in rows.enumerated() {
            let start = try #require(row["start"]?.doubleValue)
            #expect(abs(start - 0.4 * Double(clip)) < 0.01)
        }
    }

    @Test func `a change of frame size`() throws {
        let first = try stream("first.ts")
        let second = try stream("second.ts", size: "130x66")
        _ = try rows(of: first, then: second)
    }

    /// Ctrl-C ends an endless stream; finished files keep their rows.
    @Test func `an interruption ends a stream and gives its row`() throws {
        let done = try stream("done.mp4")
        let file = try folder.make(
            "a.y4m", source: "testsrc2=size=64x48:rate=10", "-frames:v 1000 -pix_fmt yuv420p")
        let run = try setting.live([done, "-"])
        try run.input.write(contentsOf: folder.bytes("a.y4m"))
        try run.waitUntilInputIsRead()
        run.send(SIGINT)
        let (status, lines) = try run.finish()
        #expect(status == 130)
        let rows = try setting.rows(lines)
        #expect(rows.map { $0["input"]?.stringValue } == [done, "-"])
        #expect(rows.first?["truncated"] == nil)
        let row = try #require(rows.last)
        #expect(row["truncation"] == .string("reading '-' was interrupted"))
        try expectBeginning(row, of: file)
        #expect(
            run.messages == """
                ganrm: stopping after this batch; press Ctrl-C again to stop at once
                ganrm: interrupted after 2 inputs

                """)
    }

    @Test func `an interruption before the first byte leaves no row`() throws {
        let run = try setting.live(["-"])
        // The command is reading once it has consumed this incomplete header.
        try run.input.write(contentsOf: Array("YUV4".utf8))
        try run.waitUntilInputIsRead()
        run.send(SIGTERM)
        let (status, lines) = try run.finish()
        #expect(status == 130 && lines.isEmpty)
        #expect(run.messages.hasSuffix("ganrm: interrupted after 0 inputs\n"), "\(run.messages)")
    }
}
