import Foundation
import Testing
import TestModels
import TestSupport
import TextFormats

/// `ganrm score --list -` with media that follow their lines.
@Suite(.serialized) struct WorkerBytesTests {
    private let setting: ScoringFixture
    private let video: String
    private let image: String

    init() throws {
        setting = try ScoringFixture.shared.get()
        video = try setting.media.video("bytes.mp4", frames: 16)
        image = Fixture.path("media/stills/rgb.jpg")
    }

    private func content(_ path: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path))
    }

    private func score(_ input: Data, _ options: [String] = []) throws -> CommandRun {
        try CommandRun.ganrm(
            ["score", "--list", "-", "--no-store"] + options + setting.options, input: input)
    }

    private func line(_ id: Int, _ bytes: Data, _ more: String = "") -> Data {
        Data("{\"id\":\(id),\"bytes\":\(bytes.count)\(more)}\n".utf8) + bytes
    }

    @Test func `bytes have the row of the file with these bytes`() throws {
        let (movie, picture) = try (content(video), content(image))
        let run = try score(
            line(1, movie) + Data("\(video)\n".utf8) + line(2, picture, #","prompt":"a lake""#)
                + line(3, movie))
        #expect(run.status == 0, "\(run.messages)")
        let rows = try rows(run)
        #expect(rows.map { $0["id"] } == [.integer(1), nil, .integer(2), .integer(3)])
        #expect(rows[0]["input"] == .string("upload") && rows[0]["bytes"] == nil)
        #expect(rows[0]["logit"] != nil && rows[0]["logit"] == rows[1]["logit"])
        #expect(rows[0]["clips"] == rows[1]["clips"] && rows[3]["logit"] == rows[1]["logit"])
        #expect(rows[2]["prompt"] == .string("a lake") && rows[2]["kind"] == .string("image"))
    }

    @Test func `a name tells the format as that of a file does`() throws {
        // Two images in a row are one image in a file of that name, else a video.
        let twice = try content(image) + content(image)
        let rows = try rows(score(line(1, twice, #","name":"a.jpg""#) + line(2, twice)))
        #expect(rows.map { $0["kind"]?.stringValue } == ["image", "video"])
        #expect(rows[0]["input"] == .string("a.jpg"))
    }

    @Test func `bytes that are no media, and that are missing, have rows`() throws {
        let movie = try content(video)
        let run = try score(
            line(1, Data("text".utf8)) + line(2, Data()) + line(3, movie)
                + Data("{\"id\":4,\"bytes\":1000}\n".utf8) + movie.prefix(10))
        #expect(run.status == 1)
        let rows = try rows(run)
        #expect(
            rows.map { $0["error"]?.stringValue } == [
                "'upload' is text; name the file that it describes",
                "'upload' is empty (0 bytes); write or fetch it again", nil,
                "'upload' is cut off: standard input ended after 10 of 1000 bytes",
            ])
        #expect(rows.map { $0["id"] } == (1...4).map { .integer($0) })
    }

    @Test(arguments: ["-1", "1.5", "\"9\"", "null", "99999999999999999999"])
    func `a number of bytes that is none ends the list`(count: String) throws {
        let run = try score(Data("{\"id\":1,\"bytes\":\(count)}\n\(video)\n".utf8))
        #expect(run.status == 3)
        let rows = try rows(run)
        #expect(rows.count == 1)
        #expect(
            rows[0]["error"]
                == .string(
                    "standard input:1: \"bytes\" is not a number of bytes; the list ends here"))
    }

    @Test func `more bytes than the limit are passed over`() throws {
        let run = try score(Data("{\"id\":1,\"bytes\":2147483649}\nxyz".utf8))
        #expect(try rows(run)[0]["error"] == .string("'upload' has more than 2 GiB"))
    }

    @Test func `bytes in a list that is a file are refused, and other lines keep the key`() throws {
        let list = try setting.media.folder.write(
            "{\"id\":1,\"bytes\":3}\n{\"path\":\"\(video)\",\"bytes\":3}\n", to: "bytes.jsonl")
        let run = try CommandRun.ganrm(["score", "--list", list] + setting.options)
        let rows = try rows(run)
        #expect(
            rows[0]["error"]
                == .string("\(list):1: bytes follow a line on standard input only"))
        #expect(rows[1]["logit"] != nil && rows[1]["bytes"] == .integer(3))
    }

    @Test func `resuming and sharding pass over the bytes of other requests`() throws {
        let (movie, picture) = try (content(video), content(image))
        let input = line(1, movie) + line(2, picture) + line(3, movie)
        let whole = try score(input)
        let output = setting.media.folder.path("bytes-\(UUID()).jsonl")
        try (whole.lines[0] + "\n").write(toFile: output, atomically: false, encoding: .utf8)
        #expect(try score(input, ["-o", output, "--resume"]).status == 0)
        #expect(try String(contentsOfFile: output, encoding: .utf8) == whole.output)
        let shard = try rows(score(input, ["--shard", "1/2"]))
        #expect(shard.map { $0["id"] } == [.integer(2)] && shard[0]["position"] == .integer(1))
    }

    @Test func `each line is answered before the next is there, also large ones`() throws {
        let movie = try content(video)
        // A movie may have anything behind its last box; this one does not fit in memory's share.
        var large = movie
        var size = UInt32(70 << 20).bigEndian
        withUnsafeBytes(of: &size) { large.append(contentsOf: $0) }
        large.append(Data("free".utf8))
        large.append(Data(count: (70 << 20) - 8))
        let worker = try BackgroundProcess(
            CommandRun.binary, ["score", "--list", "-", "--no-store"] + setting.options)
        var logits: [String?] = []
        for (id, bytes) in [movie, large, movie].enumerated() {
            try worker.input.write(contentsOf: line(id, bytes))
            let row = try JSONValue(parsing: #require(try worker.line()))
            #expect(row["id"] == .integer(id))
            logits.append(row["logit"]?.description)
        }
        #expect(logits[0] != nil && Set(logits).count == 1)
        try worker.input.close()
        #expect(try worker.end() == 0)
    }
}
