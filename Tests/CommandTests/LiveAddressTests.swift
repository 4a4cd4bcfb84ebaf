import Foundation
import Testing
import TestSupport
import TextFormats

/// `ganrm score udp://…` and other live protocols, with `ffmpeg` as the sender.
@Suite(.serialized) struct LiveAddressTests {
    private let setting: ScoringFixture
    private let folder: TemporaryFolder

    init() throws {
        setting = try ScoringFixture.shared.get()
        folder = try TemporaryFolder()
    }

    /// Generates a video of two seconds: ten clips of four frames.
    private func file(_ name: String = "a.ts") throws -> String {
        try folder.make(
            name, source: "testsrc2=size=64x48:rate=20",
            "-frames:v 40 -pix_fmt yuv420p -c:v libx264 -g 10 -bf 2")
    }

    private func send(_ file: String, _ options: String...) throws -> BackgroundProcess {
        try FFmpeg.live(["-re", "-i", file, "-c", "copy"] + options)
    }

    /// Expects the rows of the file, all or all but the last.
    ///
    /// - Parameter all: Whether the protocol delivers the last frames: an SRT sender that closes
    ///   loses them, and a reader of datagrams does not know where the stream ends.
    private func expect(
        _ rows: [JSONValue], from file: String, all: Bool = true,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let expected = try setting.rows(of: file)
        #expect(expected.count == 10)
        #expect(rows.count == 10 || !all && rows.count == 9, sourceLocation: sourceLocation)
        for key in ["indices", "logit"] {
            #expect(
                rows.map { $0[key] } == expected.prefix(rows.count).map { $0[key] },
                sourceLocation: sourceLocation)
        }
    }

    @Test(arguments: [
        ("srt", "?tlpktdrop=0", "mpegts"), ("rtmp", "/live/a", "flv"), ("tcp", "", "mpegts"),
        ("http", "/a", "mpegts"),
    ])
    func `waits for a sender`(scheme: String, rest: String, format: String) throws {
        let file = try file()
        let port = try freePort(datagrams: scheme == "srt")
        let address = "\(scheme)://127.0.0.1:\(port)\(rest)"
        let run = try setting.live(["--listen", address, "--per", "clip"])
        try waitForListener(at: port, datagrams: scheme == "srt")
        let sender = try send(file, "-f", format, address)
        let (status, lines) = try run.finish()
        #expect(status == 0, "\(run.messages) \(sender.messages)")
        try expect(setting.rows(lines), from: file, all: scheme != "srt")
    }

    /// Datagrams have no end; Ctrl-C or the time-out ends the reader.
    @Test func `reads datagrams`() throws {
        let file = try file()
        let port = try freePort(datagrams: true)
        let address = "udp://127.0.0.1:\(port)"
        let run = try setting.live([address, "--per", "clip"])
        try waitForListener(at: port, datagrams: true)
        let sender = try send(file, "-f", "mpegts", address)
        var lines: [String] = []
        while lines.count < 9, let line = try run.line() { lines.append(line) }
        #expect(try sender.end() == 0)
        run.send(SIGINT)
        #expect(try run.finish().status == 130)
        #expect(run.messages.contains("'\(address)' ended early: reading"))
        try expect(setting.rows(lines), from: file, all: false)
    }

    @Test func `datagrams that stop give a row after the time-out`() throws {
        let file = try file()
        let port = try freePort(datagrams: true)
        let address = "udp://127.0.0.1:\(port)"
        let run = try setting.live([address, "--timeout", "10"])
        try waitForListener(at: port, datagrams: true)
        let sender = try send(file, "-f", "mpegts", address)
        let (status, lines) = try run.finish()
        #expect(status == 0, "\(run.messages) \(sender.messages)")
        let row = try #require(try setting.rows(lines).first)
        #expect(row["truncation"]?.stringValue?.contains("sent nothing for 10.0 s") == true)
        let expected = try setting.rows(of: file).map { $0["logit"] }
        #expect(row.clipRows.map { $0["logit"] } == Array(expected.prefix(row.clipRows.count)))
        #expect(row.clipRows.count >= 9)
    }

    /// `ffmpeg` is the server, and sends no length.
    @Test func `reads a live stream over http`() throws {
        let file = try file()
        let port = try freePort(datagrams: false)
        let address = "http://127.0.0.1:\(port)/live.ts"
        let sender = try send(file, "-listen", "1", "-f", "mpegts", address)
        try waitForListener(at: port, datagrams: false)
        let run = try setting.live([address])
        let (status, lines) = try run.finish()
        #expect(status == 0, "\(run.messages) \(sender.messages)")
        let row = try #require(try setting.rows(lines).first)
        #expect(row["sampling"]?["kind"] == .string("window"))
        try expect(row.clipRows, from: file)
    }

    @Test func `reads a playlist and its segments if nested inputs are allowed`() throws {
        let file = try file()
        try FFmpeg.run([
            "-i", file, "-c", "copy", "-f", "hls", "-hls_time", "0.5", "-hls_list_size", "0",
            folder.path("live.m3u8"),
        ])
        let server = try LoopbackServer { [folder] request, _ in
            guard let bytes = try? folder.bytes(String(request.path.dropFirst())) else {
                return .init(status: 404)
            }
            return .init(body: Data(bytes))
        }
        defer { server.stop() }
        let address = "\(server.endpoint)/live.m3u8"
        try expect(
            setting.rows(of: address, ["--allow-nested", "--per", "clip"]), from: file)
        #expect(server.requests.count >= 5)
        let refused = try setting.live([address])
        #expect(try refused.finish().status == 3)
        #expect(refused.messages.contains("allow nested inputs if you trust it"))
    }

    @Test func `a missing peer is reported as an error`() throws {
        let port = try freePort(datagrams: true)
        for (arguments, part) in [
            (["udp://127.0.0.1:\(port)", "--timeout", "0.5"], "sent nothing for 0.5 s"),
            (["tcp://127.0.0.1:\(port)", "--listen", "--timeout", "0.5"], "nothing for 0.5 s"),
            (["tcp://127.0.0.1:\(port)"], "Connection refused"),
            (
                ["rtmp://127.0.0.1:\(port)/a/b", "--listen", "--timeout", "0.5"],
                "nothing for 0.5 s"
            ),
            (["srt://127.0.0.1:\(port)", "--listen", "--timeout", "0.5"], "nothing for 0.5 s"),
            (["https://127.0.0.1:\(port)/a", "--listen"], "cannot wait for a sender"),
            (["rtsp://127.0.0.1:\(port)/a"], "ffmpeg -nostdin -i 'rtsp:"),
            (["gopher://127.0.0.1:\(port)/a"], "allow nested inputs"),
        ] {
            let run = try setting.live(arguments)
            let (status, lines) = try run.finish()
            #expect(status == 3)
            let error = try #require(try setting.rows(lines).first?["error"]?.stringValue)
            #expect(error.contains(part), "\(error)")
        }
    }
}
