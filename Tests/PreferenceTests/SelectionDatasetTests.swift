import Foundation
import Preference
import Testing
import TestSupport
import TextFormats

@Suite struct SelectionDatasetTests {
    private let trial: ExportFixture
    /// A prompt with quotes, a comma, non-ASCII text and line breaks, to test escaping. Python's
    /// `splitlines` also splits at U+2028.
    private let specialPrompt = "a \"cat\", 猫 🐈\nשלום\u{2028}end"

    init() throws { trial = try ExportFixture() }

    /// Two prompts, for each the better video of two candidates.
    private func selections() throws -> [Selection] {
        let inputs = try (0..<4).map { try trial.video("000\($0).mp4", frames: 18 + $0) }
        return [
            Selection(trial.group("0000", prompt: specialPrompt, [inputs[0], inputs[1]])),
            Selection(trial.group("0002", prompt: "a dog", [inputs[2], inputs[3]])),
        ]
    }

    @discardableResult
    private func write(_ format: SelectionFormat, _ more: [Selection] = []) throws -> ExportReport {
        try SelectionDataset(format).write(selections() + more, to: trial.out)
    }

    @Test func `formats are found by name and keep their order`() {
        let names = [
            "lvdm", "finetrainers", "finetrainers-jsonl", "diffsynth", "musubi", "diffusion-pipe",
            "vgen", "jsonl",
        ]
        #expect(SelectionFormat.allCases.map(\.rawValue) == names)
        #expect(names.map(SelectionFormat.init) == SelectionFormat.allCases)
        #expect(SelectionFormat(rawValue: "videodpo") == nil)
    }

    @Test func `lvdm's names stay strings and its rows are not split`() throws {
        try write(.lvdm)
        let rows = try trial.python(
            "rows = list(csv.DictReader(open(folder + '/metadata.csv', newline='')))",
            """
            [[r['videoid'], r['name'], os.path.exists(f"{folder}/videos/{r['page_dir']}/\
            {r['videoid']}.mp4")] for r in rows]
            """)
        #expect(
            try JSONValue(parsing: rows)
                == .array([
                    .array([.string("clip-0000"), .string(specialPrompt), .bool(true)]),
                    .array([.string("clip-0002"), .string("a dog"), .bool(true)]),
                ]))
    }

    @Test func `finetrainers' lists have matching lines, as Python splits lines`() throws {
        let report = try write(.finetrainers)
        let lines = try trial.python(
            "read = lambda name: open(f'{folder}/{name}', encoding='utf-8').read().splitlines()",
            "[read('prompts.txt'), read('videos.txt')]")
        #expect(
            try JSONValue(parsing: lines)
                == .array([
                    .array([.string("a \"cat\", 猫 🐈 שלום end"), .string("a dog")]),
                    .array(["0000.mp4", "0002.mp4"].map { .string(trial.media.path($0)) }),
                ]))
        #expect(report.notices.count == 1)
    }

    @Test func `finetrainers' metadata has relative file names`() throws {
        try write(.finetrainersJSONL)
        let lines = try trial.lines("metadata.jsonl")
        #expect(
            lines.map { $0["file_name"]?.stringValue } == ["videos/0000.mp4", "videos/0002.mp4"])
        #expect(lines[0]["caption"]?.stringValue == specialPrompt)
        #expect(trial.exists("videos/0002.mp4"))
    }

    @Test func `diffsynth's table has absolute paths and a notice about trimmed videos`() throws {
        let report = try write(.diffsynth)
        let rows = try trial.python(
            "rows = list(csv.DictReader(open(folder + '/metadata.csv', newline='')))",
            "[[r['video'], r['prompt']] for r in rows]")
        #expect(
            try JSONValue(parsing: rows)
                == .array([
                    .array([.string(trial.media.path("0000.mp4")), .string(specialPrompt)]),
                    .array([.string(trial.media.path("0002.mp4")), .string("a dog")]),
                ]))
        // 18 and 20 frames.
        #expect(report.notices.first?.hasPrefix("2 of 2 videos") == true)
    }

    @Test func `musubi's frame count fits the shortest clip`() throws {
        try write(.musubi)
        let lines = try trial.lines("metadata.jsonl")
        #expect(lines[0]["video_path"]?.stringValue == trial.media.path("0000.mp4"))
        let settings = try trial.python(
            "data = tomllib.load(open(folder + '/dataset.toml', 'rb'))['datasets'][0]",
            "[data[k] for k in ('target_frames', 'video_jsonl_file', 'cache_directory')]")
        // 17 = 4 · 4 + 1 is the largest 4n + 1 within 18 frames.
        #expect(
            try JSONValue(parsing: settings)
                == .array([
                    .array([.integer(17)]), .string("\(trial.out)/metadata.jsonl"),
                    .string("\(trial.out)/cache"),
                ]))
        #expect(try trial.text("dataset.toml").contains("# source_fps = 10.0\n"))
    }

    @Test func `diffusion-pipe's folder has only videos and captions`() throws {
        let video = try trial.video("0000.mp4", frames: 18)
        let again = Selection(trial.group("again", prompt: "a second caption", [video]))
        try write(.diffusionPipe, [again])
        let names = try FileManager.default.contentsOfDirectory(atPath: trial.out + "/videos")
        #expect(Set(names) == ["captions.json", "0000.mp4", "0002.mp4"])
        let captions = try trial.json("videos/captions.json")
        #expect(
            captions["0000.mp4"]
                == .array([.string(specialPrompt), .string("a second caption")]))
        let settings = try trial.python(
            "data = tomllib.load(open(folder + '/dataset.toml', 'rb'))",
            "[data['frame_buckets'], data['directory'][0]['path']]")
        // 18 frames at 10 fps are 28 at 16 fps; 25 = 4 · 6 + 1 is the largest 4n + 1 within them.
        #expect(
            try JSONValue(parsing: settings)
                == .array([.array([.integer(1), .integer(25)]), .string("\(trial.out)/videos")]))
    }

    @Test func `vgen's list has one caption per line and no third field`() throws {
        let separator = Selection(
            trial.group("separator", prompt: "a|||b", [try trial.video("separator.mp4")]))
        let slow = Selection(
            trial.group("slow", prompt: "slow", [try trial.video("slow.mp4", rate: 4)]))
        let report = try write(.vgen, [separator, slow])
        #expect(report.omissions.map(\.group) == ["separator", "slow"])
        #expect(
            try trial.text("list.txt") == """
                \(trial.media.path("0000.mp4"))|||a "cat", 猫 🐈 שלום end
                \(trial.media.path("0002.mp4"))|||a dog

                """)
    }

    @Test func `jsonl gives the ranks of the selected files`() throws {
        let inputs = try (0..<3).map { try trial.image("\($0).png") }
        let best = Selection(trial.group("g", prompt: "x", inputs), best: 2)
        _ = try SelectionDataset(.jsonl).write([best], to: trial.out)
        let lines = try trial.lines("selection.jsonl")
        #expect(lines.map { $0["rank"]?.integerValue } == [1, 2])
        #expect(lines.map { $0["file"]?.stringValue } == Array(inputs.prefix(2)))
    }

    @Test func `file names are safe, unique regardless of case, and have a single dot`() throws {
        let inputs = try ["v1.0/Ünï côdé.a.mp4", "V1.0/ünï-CÔDÉ.a.mp4"].map { try trial.video($0) }
        _ = try SelectionDataset(.finetrainersJSONL).write(
            [Selection(trial.group("a/../b c", prompt: "x", inputs), best: 2)], to: trial.out)
        let names = try trial.lines("metadata.jsonl").map { $0["file_name"]?.stringValue }
        #expect(names == ["videos/a-b-c_n-c-d-a.mp4", "videos/a-b-c_n-C-D-a-2.mp4"])
    }

    @Test func `a damaged file is omitted`() throws {
        let whole = try trial.media.make(
            "whole.mp4", source: "testsrc2=s=64x48:r=10:d=2", "-movflags +faststart")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: whole))
        let truncated = try trial.media.write(
            bytes.prefix(bytes.count * 2 / 3), to: "truncated.mp4")
        let report = try SelectionDataset(.diffsynth).write(
            [Selection(trial.group("g", prompt: "x", [truncated]))], to: trial.out)
        #expect(report.sampleCount == 0)
        #expect(report.omissions.first?.reason.contains("damaged") == true)
        #expect(!trial.exists("metadata.csv"))
    }
}
