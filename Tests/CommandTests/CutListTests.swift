import Foundation
import Testing
import TestModels
import TestSupport
import TextFormats

/// Cut lists of segments, checked with FFmpeg and mpv: their output has exactly the frames of the
/// selected clips.
@Suite(.serialized) struct CutListTests {
    /// A trained head, shared by all tests.
    private struct Setting: Sendable {
        let model: TinyModel
        let head: String

        init() throws {
            model = try TinyModel()
            let media = try TestMedia(clipsPerSide: 6, frames: 16)
            head = model.folder.path("head.safetensors")
            let training = try CommandRun.ganrm(
                ["train", "--proxy", media.folder.path("good"), "--generated"]
                    + [media.folder.path("raw"), "-o", head, "--steps", "2", "--frames", "4"]
                    + model.encoderOptions)
            try #require(training.status == 0, "\(training.messages)")
        }
    }
    private static let setting = Result { try Setting() }
    private static let hasMPV = FileManager.default.isExecutableFile(atPath: "/usr/bin/mpv")

    private let folder: TemporaryFolder
    private let setting: Setting

    init() throws {
        folder = try TemporaryFolder()
        setting = try Self.setting.get()
    }

    /// Generates a video of 240 frames with audio, a key frame every 50 frames, and B-frames.
    private func video(_ name: String, rate: String = "25", _ options: [String] = []) throws
        -> String
    {
        let path = folder.path(name)
        try FFmpeg.run(
            ["-f", "lavfi", "-i", "testsrc2=s=64x48:r=\(rate)", "-f", "lavfi", "-i", "sine"]
                + ["-frames:v", "240", "-c:v", "libx264", "-g", "50", "-bf", "2", "-shortest"]
                + options + [path])
        return path
    }

    /// Writes rows of a video's clips of five frames. The best segments are frames 60 ..< 100 and
    /// 165 ..< 190.
    private func curve(_ video: String) throws -> String {
        let run = try CommandRun.ganrm(
            ["score", video, "--sampling", "window", "--frames", "5", "--model", setting.head]
                + setting.model.encoderOptions)
        try #require(run.status == 0, "\(run.messages)")
        let row = try JSONValue(parsing: try #require(run.lines.first))
        let clips = try #require(row["clips"]?.arrayValue)
        try #require(clips.count == 48)
        let changed = clips.enumerated().map { index, clip in
            let frame = index * 5
            let isBest = (60..<100).contains(frame) || (165..<190).contains(frame)
            return JSONValue.object(
                (clip.members ?? []).filter { !["unfamiliar", "degenerate"].contains($0.key) }.map {
                    member in
                    member.key == "logit" ? .init("logit", .integer(isBest ? 3 : 0)) : member
                })
        }
        let members = (row.members ?? []).map { member in
            member.key == "clips" ? JSONValue.Member("clips", .array(changed)) : member
        }
        return try folder.write(JSONValue.object(members).description + "\n", to: "curve.jsonl")
    }

    private func list(_ video: String, _ format: String, _ options: [String] = []) throws -> String
    {
        let run = try CommandRun.ganrm(
            ["segments", try curve(video), "--format", format, "--min-length", "0.3"] + options)
        try #require(run.status == 0, "\(run.messages)")
        return try folder.write(run.output, to: "list.\(format)")
    }

    /// Hash of each frame of ffmpeg's output.
    private func hashes(_ arguments: [String]) throws -> [String] {
        let frames = try FFmpeg.run(
            arguments + ["-map", "0:v", "-fps_mode", "passthrough", "-f", "framemd5", "-"])
        return Self.hashes(in: String(decoding: frames, as: UTF8.self))
    }

    private static func hashes(in lines: String) -> [String] {
        lines.split(separator: "\n").filter { !$0.hasPrefix("#") }
            .compactMap { $0.split(separator: ",").last?.trimmingCharacters(in: .whitespaces) }
    }

    private func hashes(byList list: String) throws -> [String] {
        try hashes([
            "-copyts", "-segment_time_metadata", "1", "-f", "concat", "-safe", "0", "-i", list,
            "-vf", "select=concatdec_select",
        ])
    }

    /// Videos with different start times and containers.
    static let videos: [(name: String, rate: String, options: [String])] = [
        ("plain.mp4", "25", []),
        // Audio starts before video.
        ("clip.mkv", "30000/1001", []),
        ("late.mkv", "24", ["-output_ts_offset", "100"]),
        ("clip.mov", "60", []),
        ("fragments.mp4", "25", ["-movflags", "+frag_keyframe+empty_moov"]),
    ]

    @Test(arguments: videos)
    func `a concat list gives the frames of its segments`(
        name: String, rate: String, options: [String]
    ) throws {
        let video = try video(name, rate: rate, options)
        let source = try hashes(["-i", video])
        let all = try hashes(byList: list(video, "ffconcat"))
        #expect(all == Array(source[60..<100] + source[165..<190]))
        // The other frames, up to the last one.
        let rest = try hashes(byList: list(video, "ffconcat", ["--best", "0", "--worst", "9"]))
        #expect(rest == Array(source[..<60] + source[100..<165] + source[190...]))
    }

    @Test(arguments: videos)
    func `a script gives the frames of each segment`(
        name: String, rate: String, options: [String]
    ) throws {
        let video = try video(name, rate: rate, options)
        let source = try hashes(["-i", video])
        let script = try list(video, "sh", ["--best", "2", "--worst", "3"])
        let run = try CommandRun(
            URL(filePath: "/bin/sh"),
            ["-c", "cd \"$1\" && shift && sh \"$@\"", "sh", folder.path, script]
                + ["-c:v", "libx264", "-qp", "0", "-preset", "ultrafast"])
        #expect(run.status == 0)
        #expect(run.messages == "")
        let stem = name.prefix { $0 != "." }
        for (piece, frames) in [
            ("best-1", 60..<100), ("best-2", 165..<190), ("worst-1", 0..<60),
            ("worst-2", 100..<165), ("worst-3", 190..<240),
        ] {
            #expect(
                try hashes(["-i", folder.path("\(stem)-\(piece).mp4")]) == Array(source[frames]),
                "\(piece)")
        }
    }

    @Test(.enabled(if: hasMPV), arguments: videos)
    func `mpv plays the frames of an edit list`(
        name: String, rate: String, options: [String]
    ) throws {
        let video = try video(name, rate: rate, options)
        let source = try hashes(["-i", video])
        let list = try list(video, "edl")
        let run = try CommandRun(
            URL(filePath: "/usr/bin/mpv"),
            ["--no-config", "--really-quiet", "--no-audio", list, "--of=framemd5"]
                + ["--ovc=rawvideo", "--o=\(folder.path("frames"))"])
        #expect(run.status == 0)
        #expect(
            try Self.hashes(in: folder.text("frames"))
                == Array(source[60..<100] + source[165..<190]))
    }

    @Test(arguments: ["it's \"50 %\", 'é\\' #1; $(x).mp4", "-c copy.mp4", "a,b\tc.mp4"])
    func `file names are quoted for the readers of each format`(name: String) throws {
        let video = try video(name)
        let source = try hashes(["-i", video])
        let expected = Array(source[60..<100] + source[165..<190])
        #expect(try hashes(byList: list(video, "ffconcat")) == expected)
        let script = try list(video, "sh")
        let run = try CommandRun(
            URL(filePath: "/bin/sh"),
            ["-c", "cd \"$1\" && sh \"$2\" -qp 0", "sh", folder.path, script])
        #expect(run.status == 0, "\(run.messages)")
        let stem = name.dropLast(".mp4".count)
        #expect(
            try hashes(["-i", folder.path("\(stem)-best-1.mp4")])
                + hashes(["-i", folder.path("\(stem)-best-2.mp4")]) == expected)
    }

    @Test func `a name with a line break is refused only in concat lists`()
        throws
    {
        let video = try video("two\nlines.mp4")
        #expect(
            try folder.text(URL(filePath: list(video, "edl")).lastPathComponent)
                .contains("%\(video.utf8.count)%\(video),"))
        let script = try list(video, "sh")
        let run = try CommandRun(
            URL(filePath: "/bin/sh"), ["-c", "cd \"$1\" && sh \"$2\"", "sh", folder.path, script])
        #expect(run.status == 0, "\(run.messages)")
        #expect(try folder.bytes("two\nlines-best-2.mp4").count > 1000)
        let concat = try CommandRun.ganrm(["segments", curve(video), "--format", "ffconcat"])
        #expect(concat.status == 3)
        #expect(concat.messages.contains("concat lists have no name of two lines"))
        #expect(concat.output == "ffconcat version 1.0\n")
    }

    @Test func `formats without exact seeking are refused`() throws {
        for name in ["stream.ts", "stream.mpg"] {
            let run = try CommandRun.ganrm(
                ["segments", curve(video(name, ["-c:v", "mpeg2video"])), "--format", "sh"])
            #expect(run.status == 3)
            #expect(run.messages.contains("does not find the frames of this format by their times"))
        }
        // The remedy in the message works.
        let copy = folder.path("copy.mkv")
        try FFmpeg.run(["-i", try video("again.ts"), "-c", "copy", copy])
        let source = try hashes(["-i", copy])
        #expect(
            try hashes(byList: list(copy, "ffconcat"))
                == Array(source[60..<100] + source[165..<190]))
    }

    @Test func `inputs other than local files are refused`() throws {
        let video = try video("plain.mp4")
        let row = try String(contentsOfFile: curve(video), encoding: .utf8)
        for (input, reason) in [
            ("-", "a stream is gone once it is scored"),
            (video + "#xywh=0,0,32,32", "it is a region"),
            ("gone.mp4", "there is no such file here"),
        ] {
            let rows = try folder.write(
                row.replacing(
                    JSONValue.string(video).description, with: JSONValue.string(input).description),
                to: "other.jsonl")
            let run = try CommandRun.ganrm(["segments", rows, "--format", "edl"])
            #expect(run.status == 3)
            #expect(run.messages.hasPrefix("ganrm: no list can cut '\(input)': \(reason)"))
            // The jsonl format does not need the file.
            #expect(try CommandRun.ganrm(["segments", rows]).status == 0)
        }
    }
}
