import Foundation
import Preference
import Testing
import TestSupport
import TextFormats

@Suite struct PairDatasetTests {
    private let trial: ExportFixture
    /// A prompt with quotes, a comma, non-ASCII text and a line break, to test escaping.
    private let specialPrompt = "a \"cat\", 猫 🐈\nשלום"

    init() throws { trial = try ExportFixture() }

    @Test func `formats are found by name and keep their order`() {
        let names = [
            "videodpo", "unifiedreward", "unifiedreward-image", "webdataset", "pickapic-jsonl",
            "videoalign", "folders", "jsonl",
        ]
        #expect(PairFormat.allCases.map(\.rawValue) == names)
        #expect(names.map(PairFormat.init) == PairFormat.allCases)
        #expect(PairFormat(rawValue: "lvdm") == nil)
    }

    @Test func `videodpo counts only pairs that its loader keeps and reports the others`() throws {
        // 16 frames at 24 fps last 0.67 s, which the loader drops; it needs at least 16 frames.
        let short = try trial.video("short.mp4", rate: 24)
        let few = try trial.video("few.mp4", frames: 15)
        let good = try ["1_0.mp4", "1_1.mp4", "2_0.mp4", "2_1.mp4"].map { try trial.video($0) }
        let pairs = trial.pairs(
            trial.group("0", prompt: "too short", [good[0], short]),
            trial.group("1", prompt: specialPrompt, [good[0], good[1]]),
            trial.group("few", prompt: "too few", [few, good[1]]),
            trial.group("2", prompt: "a dog", [good[2], good[3]]))
        let report = try PairDataset(.videodpo).write(pairs, to: trial.out)
        #expect(report.sampleCount == 2)
        #expect(report.fileCount == 4)
        #expect(
            report.omissions.map(\.description) == [
                """
                prompt 'too short': '\(short)' lasts 0.666 s, the trainer's loader drops what is \
                shorter than 1.0 s
                """,
                """
                prompt 'too few': '\(few)' has 15 frames, the trainer's loader needs 16
                """,
            ])
        let videos = try #require(trial.json("metadata.json").arrayValue)
        let list = try #require(trial.json("pair.json").arrayValue)
        let paths = videos.map { $0["basic"]?["clip_path"]?.stringValue }
        #expect(paths == good)
        #expect(videos.allSatisfy { $0["basic"]?["clip_duration"]?.doubleValue == 1.6 })
        #expect(list.map { $0["video1"]?.integerValue } == [0, 2])
        #expect(list.map { $0["video2"]?.integerValue } == [1, 3])
        #expect(list[0]["frame_caption"]?.stringValue == specialPrompt)
        #expect(list.allSatisfy { ($0["score"]?.doubleValue ?? 0) > 0 })
        #expect(try trial.text("train_data.yaml") == "META:\n  - \"\(trial.out)\"\n")
    }

    @Test func `rare pairs have higher weights, without division by zero`() throws {
        let inputs = try (0..<4).map { try trial.video("\($0).mp4") }
        let logits: [Double] = [0, 0, 0, 9]
        let group = CandidateGroup(
            name: "g", prompt: "p", candidates: inputs.map { Candidate(input: $0) })
        let ranked = RankedGroup(group) { candidate in
            .scored(CandidateScore(logit: logits[inputs.firstIndex(of: candidate.input)!])!)
        }.ranked
        // Three clips share one bin of the histogram, one is alone: frequencies 3 · 3, 1 · 3.
        let pairs = [
            PreferencePair(group: group, chosen: ranked[0], rejected: ranked[1]),
            PreferencePair(group: group, chosen: ranked[2], rejected: ranked[3]),
        ]
        _ = try PairDataset(.videodpo).write(pairs, to: trial.out)
        let scores = try trial.json("pair.json").arrayValue?.map { $0["score"]?.doubleValue ?? 0 }
        #expect(scores == [0.72 * 3 / 9, 0.72])
    }

    @Test func `unifiedreward paths have two components copying the data set`() throws {
        let inputs = try [trial.video("seed1/0001.mp4"), trial.video("seed2/0001.mp4")]
        let pairs = trial.pairs(trial.group("0001", prompt: specialPrompt, inputs))
        _ = try PairDataset(.unifiedreward).write(pairs, to: trial.out)
        let item = try #require(trial.json("dpo_data.json").arrayValue?.first)
        #expect(item["chosen"]?.stringValue == "videos/0001.mp4")
        #expect(item["rejected"]?.stringValue == "videos/0001-2.mp4")
        #expect(item["caption"]?.stringValue == specialPrompt)
        #expect(trial.exists("videos/0001.mp4") && trial.exists("videos/0001-2.mp4"))
    }

    @Test func `image formats write bytes or paths, chosen first, and refuse videos`() throws {
        let good = try trial.image("good.png")
        let bad = try trial.image("bad.png")
        let pairs = trial.pairs(
            trial.group("g", prompt: specialPrompt, [good, bad]),
            trial.group("v", prompt: "video", [try trial.video("v.mp4"), bad]))
        for format in [PairFormat.webdataset, .pickapicJSONL, .unifiedrewardImage] {
            let options = ExportOptions(overwrites: true)
            let report = try PairDataset(format, options: options).write(pairs, to: trial.out)
            #expect(report.sampleCount == 1)
            #expect(
                report.omissions.first?.reason.hasSuffix(
                    "is a video; the trainer takes images") == true)
            switch format {
            case .webdataset:
                let found = try trial.python(
                    "tar = tarfile.open(folder + '/pairs-000000.tar')",
                    """
                    [[m.name, tar.extractfile(m).read().hex() if 'jpg' in m.name else \
                    tar.extractfile(m).read().decode()] for m in tar]
                    """)
                let members = try #require(JSONValue(parsing: found).arrayValue)
                let names = members.map { $0.arrayValue?[0].stringValue }
                #expect(
                    names
                        == ["jpg_0", "jpg_1", "label_0", "label_1", "caption"].map {
                            "000000.\($0)"
                        })
                let values = members.map { $0.arrayValue?[1].stringValue }
                let bytes = try [good, bad].map { path in
                    try Data(contentsOf: URL(fileURLWithPath: path)).map {
                        String(Int($0) + 256, radix: 16).suffix(2)
                    }.joined()
                }
                #expect(values == bytes + ["1", "0", specialPrompt])
            case .pickapicJSONL:
                let line = try #require(trial.lines("pairs.jsonl").first)
                #expect(line["jpg_0"]?.stringValue == good)
                #expect(line["jpg_1"]?.stringValue == bad)
                #expect(line["label_0"]?.doubleValue == 1)
                #expect(line["label_1"]?.doubleValue == 0)
            default:
                let item = try #require(trial.json("dpo_data.json").arrayValue?.first)
                #expect(item["jpg_0"]?.stringValue == "g_good.png")
                #expect(trial.exists("images_dpo/g_good.png"))
                #expect(
                    item.members?.map(\.key) == [
                        "id", "caption", "jpg_0", "jpg_1", "label_0", "chosen_score",
                        "rejected_score",
                    ])
            }
        }
    }

    @Test
    func `videoalign's table escapes quotes and omits prompts that pandas would not read as text`()
        throws
    {
        let inputs = try [trial.video("a.mp4"), trial.video("b.mp4", rate: 8)]
        let pairs = trial.pairs(
            trial.group("g", prompt: specialPrompt, inputs),
            trial.group("h", prompt: "null", inputs),
            trial.group("i", prompt: " 1984 ", inputs), trial.group("j", prompt: nil, inputs))
        let report = try PairDataset(.videoalign).write(pairs, to: trial.out)
        #expect(report.omissions.map(\.group) == ["h", "i", "j"])
        let rows = try trial.python(
            "rows = list(csv.DictReader(open(folder + '/pairs.csv', newline='')))",
            "[[r['path_A'], r['VQ'], r['prompt'], r['fps_B'], r['num_frames_B']] for r in rows]")
        #expect(
            try JSONValue(parsing: rows)
                == .array([
                    .array(
                        ["videos/g_a.mp4", "A", specialPrompt, "8.0", "16"].map { .string($0) })
                ]))
    }

    @Test func `folders use one file name for both sides of a pair`() throws {
        let inputs = try [trial.video("a.mp4"), trial.video("b.mp4")]
        let webm = try trial.video("c.webm")
        let report = try PairDataset(.folders).write(
            trial.pairs(
                trial.group("g", prompt: nil, inputs),
                trial.group("h", prompt: "x", [webm, inputs[0]])),
            to: trial.out)
        #expect(report.sampleCount == 1)
        #expect(trial.exists("w/000000.mp4") && trial.exists("l/000000.mp4"))
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: inputs[1]))
                == Data(trial.target.bytes("out/l/000000.mp4")))
    }

    @Test func `jsonl has the usual keys of preference data sets`() throws {
        let inputs = try [trial.video("a.mp4"), trial.video("b.mp4")]
        _ = try PairDataset(.jsonl).write(
            trial.pairs(trial.group("g", prompt: specialPrompt, inputs)), to: trial.out)
        let line = try #require(trial.lines("pairs.jsonl").first)
        #expect(line["prompt"]?.stringValue == specialPrompt)
        #expect(line["chosen"]?.stringValue == inputs[0])
        #expect(line["rejected"]?.stringValue == inputs[1])
        // sigmoid(2) and sigmoid(1).
        #expect(abs((line["chosen_score"]?.doubleValue ?? 0) - 0.880797) < 1e-6)
        #expect(abs((line["rejected_score"]?.doubleValue ?? 0) - 0.731059) < 1e-6)
        #expect(line["margin"]?.doubleValue == 1)
    }

    @Test func `a region of a grid becomes a separate file`() throws {
        let grid = try trial.video("grid.mp4")
        let inputs = ["\(grid)#xywh=0,0,32,48", "\(grid)#xywh=32,0,32,48"]
        let outside = "\(grid)#xywh=48,0,32,48"
        let report = try PairDataset(.videodpo).write(
            trial.pairs(
                trial.group("g", prompt: "x", inputs),
                trial.group("h", prompt: "y", [inputs[0], outside])), to: trial.out)
        #expect(report.sampleCount == 1 && report.omissions.map(\.group) == ["h"])
        let whole = try FFmpeg.rgb(of: grid)
        let right = try FFmpeg.rgb(of: trial.target.path("out/videos/g_grid_x32y0.mp4"))
        #expect(right.count == whole.count / 2)
        // Lossless: the same pixels, apart from chroma upsampling at the cut.
        let differences = (0..<48).flatMap { row in
            (0..<30).map { column in
                let cell = (row * 32 + column + 1) * 3
                return abs(Int(right[cell + 1]) - Int(whole[cell + 1 + (row + 1) * 32 * 3]))
            }
        }
        #expect(differences.allSatisfy { $0 <= 2 })
    }

    @Test func `a data set is written atomically and replaces only data sets`() throws {
        let inputs = try [trial.video("a.mp4"), trial.video("b.mp4")]
        let pairs = trial.pairs(trial.group("g", prompt: "x", inputs))
        try trial.target.write("mine", to: "out/notes.txt")
        let replacing = PairDataset(.jsonl, options: .init(overwrites: true))
        #expect(throws: ExportError.foreignFolder(path: trial.out)) {
            try replacing.write(pairs, to: trial.out)
        }
        try FileManager.default.removeItem(atPath: trial.out)
        let copying = PairDataset(.jsonl, options: .init(files: .copy))
        _ = try copying.write(pairs, to: trial.out)
        #expect(throws: ExportError.exists(path: trial.out)) {
            try PairDataset(.jsonl).write(pairs, to: trial.out)
        }
        let exported = ["g_a.mp4", "g_b.mp4"].map { trial.target.path("out/videos/\($0)") }
        #expect(throws: ExportError.holdsCandidates(path: trial.out, input: exported[0])) {
            try replacing.write(
                trial.pairs(trial.group("g", prompt: "x", exported)), to: trial.out)
        }
        #expect(trial.exists("videos/g_a.mp4"))
        _ = try replacing.write(pairs, to: trial.out)
        #expect(!trial.exists("videos/g_a.mp4"))
        // Without a usable pair the existing data set is kept.
        let none = try replacing.write(
            trial.pairs(trial.group("g", prompt: "x", [inputs[0], "/nowhere.mp4"])), to: trial.out)
        #expect(none.sampleCount == 0 && none.omissions.count == 1)
        #expect(trial.exists("pairs.jsonl"))
        let remaining = try FileManager.default.contentsOfDirectory(atPath: trial.target.path)
        #expect(remaining == ["out"])
    }

    @Test(arguments: FilePlacement.allCases)
    func `files are placed as requested`(placement: FilePlacement) throws {
        let inputs = try [trial.video("a.mp4"), trial.video("b.mp4")]
        let pairs = trial.pairs(trial.group("g", prompt: "x", inputs))
        let options = ExportOptions(files: placement)
        if placement == .reference {
            #expect(throws: ExportError.needsFiles(format: "unifiedreward")) {
                try PairDataset(.unifiedreward, options: options).write(pairs, to: trial.out)
            }
        }
        _ = try PairDataset(.jsonl, options: options).write(pairs, to: trial.out)
        let path = try trial.lines("pairs.jsonl").first?["chosen"]?.stringValue
        #expect(path == (placement == .reference ? inputs[0] : "videos/g_a.mp4"))
        guard placement != .reference else { return }
        var placed = stat()
        var source = stat()
        #expect(lstat(trial.target.path("out/videos/g_a.mp4"), &placed) == 0)
        #expect(stat(inputs[0], &source) == 0)
        #expect((placed.st_mode & S_IFMT == S_IFLNK) == (placement == .symlink))
        #expect((placed.st_ino == source.st_ino) == (placement == .hardlink))
    }
}
