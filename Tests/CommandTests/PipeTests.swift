import Foundation
import Testing
import TestSupport
import TextFormats

/// `ffmpeg … | ganrm score -`.
@Suite struct PipeTests {
    private let setting: ScoringFixture
    private let folder: TemporaryFolder

    init() throws {
        setting = try ScoringFixture.shared.get()
        folder = try TemporaryFolder()
    }

    /// ffmpeg options for containers and codecs that keep the frames unchanged.
    static let containers: [[String]] = [
        ["-c:v", "rawvideo", "-f", "nut"], ["-c", "copy", "-f", "nut"],
        ["-c", "copy", "-f", "matroska"], ["-c:v", "ffv1", "-f", "matroska"],
        ["-f", "yuv4mpegpipe", "-strict", "-1"], ["-c", "copy", "-f", "mpegts"],
        ["-f", "rawvideo"],
    ]

    @Test(arguments: ["yuv420p", "yuv420p10le"], containers)
    func `a pipe gives the rows of the file`(format: String, container: [String]) throws {
        let file = try folder.make(
            "a.mkv", source: "testsrc2=size=66x50:rate=10",
            "-frames:v 29 -pix_fmt \(format) -c:v libx264 -bf 2")
        let shape =
            container == ["-f", "rawvideo"]
            ? ["-f", "rawvideo", "-s", "66x50", "-pix_fmt", format, "-r", "10"] : []
        let expected = try setting.rows(of: file)
        let found = try setting.rows(
            of: FFmpeg.live(["-i", file] + container + ["-"]), ["--per", "clip"] + shape)
        #expect(expected.count == 7)
        // Time stamps of H.264 in transport streams have another time base.
        let exact = ["indices", "score", "logit"]
        #expect(
            found.map { row in exact.map { row[$0] } }
                == expected.map { row in exact.map { row[$0] } })
        for (mine, theirs) in zip(found, expected) {
            let start = try #require(mine["start"]?.doubleValue)
            #expect(abs(start - (theirs["start"]?.doubleValue ?? -1)) < 1e-3)
        }
        #expect(found.allSatisfy { $0["dropped_clips"] == nil })
    }

    /// Matrix and range, which NUT and y4m with raw frames do not store.
    @Test(arguments: [
        ["-c", "copy", "-f", "nut"], ["-c", "copy", "-f", "mpegts"],
        ["-c:v", "rawvideo", "-f", "matroska"], ["-c", "copy", "-f", "matroska"],
    ])
    func `colour matrix and range are kept`(container: [String]) throws {
        let file = try folder.make(
            "a.mkv", source: "testsrc2=size=64x48:rate=10",
            "-frames:v 8 -pix_fmt yuvj420p -c:v libx264 -colorspace bt709")
        let plain = try folder.make(
            "plain.mkv", source: "testsrc2=size=64x48:rate=10",
            "-frames:v 8 -pix_fmt yuvj420p -c:v libx264")
        let expected = try setting.rows(of: file).map { $0["logit"] }
        #expect(try expected != setting.rows(of: plain).map { $0["logit"] })
        let rows = try setting.rows(of: FFmpeg.live(["-i", file] + container + ["-"]))
        #expect(rows.map { $0["logit"] } == expected)
    }

    /// Named pipes, as from the shell's `<(…)`.
    @Test func `a named pipe is a stream`() throws {
        let file = try folder.make("a.nut", source: "testsrc2=size=64x48:rate=10", "-frames:v 20")
        let pipe = folder.path("pipe")
        try #require(mkfifo(pipe, 0o600) == 0)
        let run = try setting.live([pipe])
        let writer = try FFmpeg.live(["-i", file, "-c", "copy", "-f", "nut", pipe])
        let row = try #require(try setting.rows(run.finish().lines).first)
        #expect(try writer.end() == 0)
        #expect(row["sampling"]?["kind"] == .string("window"))
        #expect(try row.clipRows.map(\.clipFacts) == setting.rows(of: file).map(\.clipFacts))
    }

    @Test func `the row of a clip is written before the next clip arrives`() throws {
        let writer = try FFmpeg.live([
            "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10", "-frames:v", "20",
            "-f", "yuv4mpegpipe", "-pix_fmt", "yuv420p", "-",
        ])
        let stream = [UInt8](try #require(try writer.output.readToEnd()))
        let frame = 64 * 48 * 3 / 2 + "FRAME\n".utf8.count
        let run = try setting.live(["-", "--per", "clip"])
        var sent = 0
        for clip in 0..<5 {
            let end = stream.count - (20 - 4 * (clip + 1)) * frame
            try run.input.write(contentsOf: stream[sent..<end])
            sent = end
            let row = try #require(try run.line())
            #expect(try JSONValue(parsing: row).firstIndex == 4 * clip)
        }
        try run.input.close()
        #expect(try run.finish().lines.isEmpty)
    }

    /// If the rows are not read, the command stops reading, which blocks the writer.
    @Test func `an endless writer is blocked, not buffered`() throws {
        let (header, frames) = try noiseStream()
        let run = try setting.live(["-", "--per", "clip"])
        run.shrinkOutputPipe()
        try run.input.write(contentsOf: header)
        let limit = 160 << 20
        let taken = try run.push(frames, limit: limit, stallingFor: 3)
        #expect(taken < 100 << 20)
        // Reading continues as soon as the rows are read.
        let remaining = frames.count - taken % frames.count
        let rest = Thread { [input = run.input] in
            try? input.write(contentsOf: frames[(frames.count - remaining)...])
            try? input.close()
        }
        rest.start()
        let (status, lines) = try run.finish()
        #expect(status == 0)
        let frameCount = (taken + remaining) / (frames.count / 8)
        #expect(lines.count == frameCount / 4)
        let rows = try setting.rows(lines)
        #expect(rows.compactMap(\.firstIndex) == Array(stride(from: 0, to: frameCount, by: 4)))
    }

    /// In real time the same writer is never blocked, however slow the reader.
    @Test func `in real time clips are dropped and the writer is not blocked`() throws {
        let (header, frames) = try noiseStream()
        let run = try setting.live(["-", "--per", "clip", "--realtime"])
        run.shrinkOutputPipe()
        try run.input.write(contentsOf: header)
        let limit = 160 << 20 - (160 << 20) % frames.count
        // Rows are not read until the last frame is written.
        let taken = try run.push(
            frames, limit: limit, stallingFor: BackgroundProcess.timeoutSeconds)
        #expect(taken == limit)
        try run.input.close()
        let (status, lines) = try run.finish()
        #expect(status == 0)
        let rows = try setting.rows(lines)
        let clipCount = taken / (frames.count / 8) / 4
        let dropped = rows.compactMap { $0["dropped_clips"]?.integerValue }
        #expect(dropped.count == rows.count && dropped.reduce(0, +) + rows.count == clipCount)
        // Whole clips are dropped: the index of each row follows from the dropped count.
        var clip = -1
        for (row, dropped) in zip(rows, dropped) {
            clip += dropped + 1
            #expect(
                row["indices"]
                    == .array((4 * clip..<4 * clip + 4).map { .integer($0) }))
        }
        // The newest clip is never dropped.
        #expect(clip == clipCount - 1)
        let total = dropped.reduce(0, +)
        #expect(total > 0)
        #expect(run.messages.contains("\(total) of \(clipCount) clips were dropped"))
    }

    /// The header of a y4m stream, and eight frames of noise with 460 kB each.
    private func noiseStream() throws -> (header: [UInt8], frames: [UInt8]) {
        let writer = try FFmpeg.live([
            "-f", "lavfi", "-i", "color=gray:size=640x480:rate=25,noise=alls=90:allf=t",
            "-frames:v", "8", "-f", "yuv4mpegpipe", "-pix_fmt", "yuv420p", "-",
        ])
        let stream = [UInt8](try #require(try writer.output.readToEnd()))
        let length = 8 * (640 * 480 * 3 / 2 + "FRAME\n".utf8.count)
        return (Array(stream.dropLast(length)), Array(stream.suffix(length)))
    }

    @Test func `real time requires a stream and window sampling`() throws {
        let file = try folder.make("a.mp4")
        let run = try setting.live([file, "--realtime"])
        let (status, lines) = try run.finish()
        #expect(status == 3)
        let error = try #require(try setting.rows(lines).first?["error"]?.stringValue)
        #expect(
            error == """
                '\(file)' is a file, which waits for the encoder; score it without --realtime, or as a \
                stream: ffmpeg -nostdin -re -i '\(file)' -c copy -f nut - | ganrm score - --realtime
                """)
        let uniform = try setting.live(["-", "--realtime", "--sampling", "uniform"])
        #expect(try uniform.finish().status == 2)
        #expect(uniform.messages.contains("--realtime drops clips"))
    }
}
