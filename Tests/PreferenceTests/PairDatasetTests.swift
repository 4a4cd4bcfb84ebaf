import Foundation
import JSON
import Preference
import TestSupport
import Testing

@Suite struct PairDatasetTests {
    private let trial: ExportTrial
    /// What no list may break at.
    private let hard = "a \"cat\", 猫 🐈\nשלום"

    init() throws { trial = try ExportTrial() }

    @Test func `videodpo counts only what its loader keeps, and says what it leaves out`() throws {
        // 16 frames at 24 a second last 0.67 s, which the loader drops; 15 frames it replaces.
        let short = try trial.video("short.mp4", rate: 24)
        let few = try trial.video("few.mp4", frames: 15)
        let good = try ["1_0.mp4", "1_1.mp4", "2_0.mp4", "2_1.mp4"].map { try trial.video($0) }
        let pairs = trial.pairs(
            trial.group("0", prompt: "too short", [good[0], short]),
            trial.group("1", prompt: hard, [good[0], good[1]]),
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
        #expect(list[0]["frame_caption"]?.stringValue == hard)
        #expect(list.allSatisfy { ($0["score"]?.doubleValue ?? 0) > 0 })
        #expect(try trial.text("train_data.yaml") == "META:\n  - \"\(trial.out)\"\n")
    }

    @Test func `rare pairs weigh more, and none is divided by zero`() throws {
        let inputs = try (0..<4).map { try trial.video("\($0).mp4") }
        let logits: [Double] = [0, 0, 0, 9]
        let group = CandidateGroup(
            name: "g", prompt: "p", candidates: inputs.map { Candidate(input: $0) })
        let ranked = RankedGroup(group) { candidate in
            .scored(CandidateScore(logit: logits[inputs.firstIndex(of: candidate.input)!])!)
        }.ranked
        // Three clips share one bin of the histogram, one is alone: 3 · 3 is commonest, 1 · 3 a third.
        let pairs = [
            PreferencePair(group: group, chosen: ranked[0], rejected: ranked[1]),
            PreferencePair(group: group, chosen: ranked[2], rejected: ranked[3]),
        ]
        _ = try PairDataset(.videodpo).write(pairs, to: trial.out)
        let scores = try trial.json("pair.json").arrayValue?.map { $0["score"]?.doubleValue ?? 0 }
        #expect(scores == [0.72 * 3 / 9, 0.72])
    }

    @Test func `unifiedreward keeps the two last parts of its paths inside the data set`() throws {
        let inputs = try [trial.video("seed1/0001.mp4"), trial.video("seed2/0001.mp4")]
        let pairs = trial.pairs(trial.group("0001", prompt: hard, inputs))
        _ = try PairDataset(.unifiedreward).write(pairs, to: trial.out)
        let item = try #require(trial.json("dpo_data.json").arrayValue?.first)
        #expect(item["chosen"]?.stringValue == "videos/0001.mp4")
        #expect(item["rejected"]?.stringValue == "videos/0001-2.mp4")
        #expect(item["caption"]?.stringValue == hard)
        #expect(trial.exists("videos/0001.mp4") && trial.exists("videos/0001-2.mp4"))
    }

    @Test func `image formats give bytes or paths, winner first, and refuse videos`() throws {
        let good = try trial.image("good.png")
        let bad = try trial.image("bad.png")
        let pairs = trial.pairs(
            trial.group("g", prompt: hard, [good, bad]),
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
                #expect(values == bytes + ["1", "0", hard])
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
    func `videoalign's table survives quotes, and words that pandas takes for nothing do not`()
        throws
    {
        let inputs = try [trial.video("a.mp4"), trial.video("b.mp4", rate: 8)]
        let pairs = trial.pairs(
            trial.group("g", prompt: hard, inputs), trial.group("h", prompt: "null", inputs),
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
                        ["videos/g_a.mp4", "A", hard, "8.0", "16"].map { .string($0) })
                ]))
    }

    @Test func `folders give both sides one name`() throws {
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

    @Test func `jsonl has what readers of preferences expect`() throws {
        let inputs = try [trial.video("a.mp4"), trial.video("b.mp4")]
        _ = try PairDataset(.jsonl).write(
            trial.pairs(trial.group("g", prompt: hard, inputs)), to: trial.out)
        let line = try #require(trial.lines("pairs.jsonl").first)
        #expect(line["prompt"]?.stringValue == hard)
        #expect(line["chosen"]?.stringValue == inputs[0])
        #expect(line["rejected"]?.stringValue == inputs[1])
        // σ(2) and σ(1).
        #expect(abs((line["chosen_score"]?.doubleValue ?? 0) - 0.880797) < 1e-6)
        #expect(abs((line["rejected_score"]?.doubleValue ?? 0) - 0.731059) < 1e-6)
        #expect(line["margin"]?.doubleValue == 1)
    }

    @Test func `a region of a grid becomes a file of its own`() throws {
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
        // Lossless: the same pixels, apart from how chroma is spread at the cut.
        let differences = (0..<48).flatMap { row in
            (0..<30).map { column in
                let cell = (row * 32 + column + 1) * 3
                return abs(Int(right[cell + 1]) - Int(whole[cell + 1 + (row + 1) * 32 * 3]))
            }
        }
        #expect(differences.allSatisfy { $0 <= 2 })
    }

    @Test func `a folder appears whole or not at all, and only data sets are replaced`() throws {
        let inputs = try [trial.video("a.mp4"), trial.video("b.mp4")]
        let pairs = trial.pairs(trial.group("g", prompt: "x", inputs))
        try trial.target.write("mine", to: "out/notes.txt")
        let replacing = PairDataset(.jsonl, options: .init(overwrites: true))
        #expect(throws: ExportError.foreignFolder(path: trial.out)) {
            try replacing.write(pairs, to: trial.out)
        }
        try FileManager.default.removeItem(atPath: trial.out)
        let inside = PairDataset(.jsonl, options: .init(files: .copy))
        _ = try inside.write(pairs, to: trial.out)
        #expect(throws: ExportError.exists(path: trial.out)) {
            try PairDataset(.jsonl).write(pairs, to: trial.out)
        }
        let held = ["g_a.mp4", "g_b.mp4"].map { trial.target.path("out/videos/\($0)") }
        #expect(throws: ExportError.holdsCandidates(path: trial.out, input: held[0])) {
            try replacing.write(
                trial.pairs(trial.group("g", prompt: "x", held)), to: trial.out)
        }
        #expect(trial.exists("videos/g_a.mp4"))
        _ = try replacing.write(pairs, to: trial.out)
        #expect(!trial.exists("videos/g_a.mp4"))
        // Nothing usable: nothing is touched.
        let none = try replacing.write(
            trial.pairs(trial.group("g", prompt: "x", [inputs[0], "/nowhere.mp4"])), to: trial.out)
        #expect(none.sampleCount == 0 && none.omissions.count == 1)
        #expect(trial.exists("pairs.jsonl"))
        let left = try FileManager.default.contentsOfDirectory(atPath: trial.target.path)
        #expect(left == ["out"])
    }

    @Test(arguments: FilePlacement.allCases)
    func `files come as they are asked for`(placement: FilePlacement) throws {
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
        var own = stat()
        var source = stat()
        #expect(lstat(trial.target.path("out/videos/g_a.mp4"), &own) == 0)
        #expect(stat(inputs[0], &source) == 0)
        #expect((own.st_mode & S_IFMT == S_IFLNK) == (placement == .symlink))
        #expect((own.st_ino == source.st_ino) == (placement == .hardlink))
    }
}
