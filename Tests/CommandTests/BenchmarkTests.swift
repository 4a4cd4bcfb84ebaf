import Foundation
import Testing
import TestModels
import TestSupport
import TextFormats

/// `ganrm eval --benchmark` on small folders with the layouts of the public benchmarks.
@Suite struct BenchmarkTests {
    private let folder: TemporaryFolder
    private static let golden = try? AgreementGolden.load()
    /// Tolerance for golden values, whose sums are in another order.
    private static let tolerance = 1e-12

    init() throws { folder = try TemporaryFolder() }

    private func evaluate(
        _ benchmark: String, rows: [(String, Double)], _ options: String...
    ) throws -> CommandRun {
        let lines = rows.map { "{\"input\":\"\($0)\",\"logit\":\($1)}" }
        return try CommandRun.ganrm(
            ["eval", "--benchmark", benchmark, folder.path, "--scores", "-"]
                + ["--resamples", "20"] + options,
            input: Data(lines.joined(separator: "\n").utf8))
    }

    private func report(
        _ benchmark: String, rows: [(String, Double)], status: Int32 = 0
    ) throws -> JSONValue {
        let run = try evaluate(benchmark, rows: rows, "--format", "json")
        #expect(run.status == status, "\(run.messages)")
        return try JSONValue(parsing: try #require(run.lines.first))
    }

    private func dimension(_ name: String, of report: JSONValue) throws -> JSONValue {
        try #require(
            report["dimensions"]?.arrayValue?.first { $0["dimension"] == .string(name) })
    }

    private func expect(
        _ key: String, _ golden: Double, in dimension: JSONValue,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let value = try #require(
            dimension["metrics"]?[key]?["value"]?.doubleValue, sourceLocation: sourceLocation)
        #expect(abs(value - golden) < Self.tolerance, sourceLocation: sourceLocation)
    }

    /// Writes a CSV file with VideoGen-RewardBench's columns; quoted prompts contain commas.
    private func writeRewardBench(_ pairs: [(String, String, String)]) throws {
        let lines = pairs.enumerated().map { index, pair in
            "\(index),\(pair.0),\(pair.1),x,y,\"prompt, \(index / 3)\","
                + "\(pair.2),\(pair.2),8.0,16.0,8.0,16.0"
        }
        try folder.write(
            ",path_A,path_B,A_model,B_model,prompt,VQ,Overall,fps_A,num_frames_A,fps_B,num_frames_B\n"
                + lines.joined(separator: "\n") + "\n", to: "videogen-rewardbench.csv")
    }

    @Test(arguments: try #require(golden?.pairs))
    func `VideoGen-RewardBench accuracy matches its own script`(
        golden: AgreementGolden.Pairs
    ) throws {
        try writeRewardBench(
            golden.pairs.map {
                ("./videos/\($0.first).mp4", "videos/\($0.second).mp4", $0.label)
            })
        // Rows as from `cd FOLDER && ganrm score videos/`.
        let rows = golden.logits.enumerated().map { ("videos/\($0).mp4", $1) }
        let report = try report("videogen-rewardbench", rows: rows)
        for name in ["Overall", "VQ"] {
            let metrics = try dimension(name, of: report)
            #expect(metrics["count"] == .integer(golden.pairs.count))
            #expect(
                metrics["ties"] == .integer(golden.pairs.count { $0.label == "same" }))
            try expect("accuracy_without_ties", golden.withoutTies, in: metrics)
            try expect("accuracy_with_ties", golden.withTies, in: metrics)
            #expect(metrics["tie_threshold"]?.doubleValue == golden.threshold)
        }
        #expect(report["dimensions"]?.arrayValue?.count == 2)
        let published = try dimension("VQ", of: report)["published"]?.arrayValue
        #expect(published?.first?["model"] == .string("VideoReward"))
        #expect(published?.first?["accuracy_without_ties"] == .number(0.7566))
    }

    @Test(arguments: try #require(golden?.pairs))
    func `T2VQA-DB correlations match SciPy`(golden: AgreementGolden.Pairs) throws {
        // The second line has an extra field, like those of T2VQA's test.py.
        let lines = golden.ratings.enumerated().map { index, rating in
            "\(index).mp4|a cat, \(index / 5)|\(index == 1 ? "0.5|" : "")\(rating)"
        }
        try folder.write(lines.joined(separator: "\r\n"), to: "info.txt")
        let rows = golden.logits.enumerated().map { (folder.path("\($0).mp4"), $1) }
        let metrics = try dimension("MOS", of: report("t2vqa", rows: rows))
        #expect(metrics["kind"] == .string("rating"))
        try expect("plcc", golden.plcc, in: metrics)
        try expect("srcc", golden.srcc, in: metrics)
        try expect("krcc", golden.krcc, in: metrics)
    }

    @Test func `rankings of images become pairs`() throws {
        let golden = try #require(Self.golden?.rankings)
        func write(_ images: String, _ ranks: String) throws {
            let entries = golden.entries.enumerated().map { index, entry in
                JSONValue.object([
                    .init("id", .string("\(index)")), .init("prompt", .string("a cat")),
                    .init(
                        images,
                        .array(entry.ranks.indices.map { .string("part-1/\(index)/\($0).webp") })),
                    .init(ranks, .array(entry.ranks.map { .integer($0) })),
                ])
            }
            try folder.write(JSONValue.array(entries).description, to: "test.json")
        }
        func rows(_ subfolder: String) -> [(String, Double)] {
            golden.entries.enumerated().flatMap { index, entry in
                entry.logits.enumerated().map {
                    ("\(subfolder)/part-1/\(index)/\($0).webp", $1)
                }
            }
        }
        try write("generations", "ranking")
        let imageReward = try dimension(
            "Overall", of: report("imagereward", rows: rows("test_images")))
        try expect("accuracy_without_ties", golden.accuracy, in: imageReward)
        try expect("mean_accuracy", golden.meanAccuracy, in: imageReward)
        #expect(imageReward["groups"] == .integer(golden.entries.count))

        try write("image_path", "rank")
        let hpdv2 = try dimension("Overall", of: report("hpdv2", rows: rows("test")))
        try expect("mean_accuracy", golden.meanInversionAccuracy, in: hpdv2)
    }

    @Test func `GenAI-Bench finds videos by their URLs`() throws {
        let hub = "https:\\/\\/hub.example\\/datasets\\/arena\\/videos\\/blob\\/main\\/"
        try folder.write(
            """
            {"prompt":"p","left_model":"m","left_video":"\(hub)dir\\/a.mp4","right_model":"n",\
            "right_video":"\(hub)b.mp4","vote_type":"leftvote"}
            {"prompt":"p","left_video":"\(hub)b.mp4","right_video":"\(hub)c.mp4","vote_type":"rightvote"}
            {"prompt":"q","left_video":"\(hub)c.mp4","right_video":"\(hub)d.mp4","vote_type":"tievote"}
            {"prompt":"q","left_video":"\(hub)d.mp4","right_video":"\(hub)b.mp4","vote_type":"bothbad_vote"}

            """, to: "test.jsonl")
        // At the path in the repository, and by bare name in a cache.
        try folder.write("", to: "dir/a.mp4")
        try folder.write("", to: "videos/b.mp4")
        let report = try report(
            "genai-bench",
            rows: [("dir/a.mp4", 2), ("videos/b.mp4", 1), ("c.mp4", 0.5), ("d.mp4", 0.25)])
        let metrics = try dimension("Overall", of: report)
        #expect(metrics["count"] == .integer(4))
        #expect(metrics["ties"] == .integer(2))
        // (a, b) is correct, (b, c) wrong.
        try expect("accuracy_without_ties", 0.5, in: metrics)
        // With a tie threshold of 0.75 both ties and (a, b) are correct.
        try expect("accuracy_with_ties", 0.75, in: metrics)
        #expect(metrics["tie_threshold"] == .number(0.75))
        #expect(metrics["groups"] == .integer(2))
    }

    @Test func `an ambiguous bare name is refused`() throws {
        try folder.write(
            """
            {"left_video":"https://hub.example/x/blob/main/one/0.mp4",\
            "right_video":"https://hub.example/x/blob/main/two/0.mp4","vote_type":"leftvote"}
            {"left_video":"1.mp4","right_video":"2.mp4","vote_type":"leftvote"}

            """, to: "test_v1.jsonl")
        try folder.write("", to: "0.mp4")
        let run = try evaluate("genai-bench", rows: [("1.mp4", 1), ("2.mp4", 0)])
        #expect(run.status == 1)
        #expect(
            run.messages
                == "ganrm: \(folder.path)/test_v1.jsonl:1: '\(folder.path)/0.mp4' would be two videos; "
                + "keep the folders of their URLs\n")
    }

    @Test func `the table lists published results below the measured ones`() throws {
        try writeRewardBench([
            ("a.mp4", "b.mp4", "A"), ("b.mp4", "c.mp4", "B"), ("c.mp4", "a.mp4", "same"),
            ("a.mp4", "missing.mp4", "A"), ("a.mp4", "b.mp4", "invalid"),
        ])
        let run = try evaluate(
            "videogen-rewardbench", rows: [("a.mp4", 2), ("b.mp4", 1), ("c.mp4", 1.5)], "-q")
        #expect(run.status == 1)
        #expect(run.messages == "")
        let file = folder.path("videogen-rewardbench.csv")
        let table = """
            benchmark: VideoGen-RewardBench, \(file)

            Overall: 3 pairs, 1 tie, 1 prompt, 1 more without scores, tie threshold 0.5
                            without ties  with ties
              this model    1.000         0.667
              VideoReward   0.736         0.613      [1]
              VisionReward  0.676         0.568      [1]
              random        0.503         0.419      [1]

            VQ: 3 pairs, 1 tie, 1 prompt, 1 more without scores, tie threshold 0.5
                            without ties  with ties
              this model    1.000         0.667
              VideoReward   0.757         0.597      [1]
              VisionReward  0.590         0.474      [1]
              random        0.499         0.474      [1]

            [1] VideoGen-RewardBench leaderboard, February 2025

            failed: 3

            """
        #expect(run.output == table)
    }

    @Test func `invalid lines are reported with file and line`() throws {
        try folder.write("1.mp4|p|3.5\n2.mp4|p|good\nno table\n3.mp4|p|2\n", to: "info.txt")
        let run = try evaluate("t2vqa", rows: [("1.mp4", 1), ("3.mp4", 0)])
        #expect(run.status == 1)
        let file = folder.path("info.txt")
        #expect(
            run.messages == """
                ganrm: \(file):2: the score of '2.mp4' is not a number
                ganrm: \(file):3: not of the form file|prompt|score

                """)
    }

    @Test func `evaluating a model matches evaluating its rows`() throws {
        let model = try TinyModel()
        let media = try TestMedia()
        for i in 0..<4 { try media.video("videos/\(i).mp4", frames: 8, seed: i) }
        try media.folder.write(
            (0..<4).map { "\($0).mp4|p|\($0)\n" }.joined(), to: "info.txt")
        let options =
            ["--model", try model.untrainedHead(), "--no-store"] + model.encoderOptions
        let benchmark = ["eval", "--benchmark", "t2vqa", media.folder.path, "--format", "json"]
        let evaluated = try CommandRun.ganrm(benchmark + options)
        #expect(evaluated.status == 0, "\(evaluated.messages)")
        let scored = try CommandRun.ganrm(["score", media.folder.path("videos")] + options)
        let again = try CommandRun.ganrm(benchmark + ["--scores", "-"], input: scored.bytes)
        #expect(again.output == evaluated.output)
    }

    @Test(arguments: [
        (["--benchmark", "t2vqa"], 2, "--benchmark NAME and FOLDER go together"),
        (["/nowhere"], 2, "--benchmark NAME and FOLDER go together"),
        (["--benchmark", "imagenet", "/nowhere"], 2, "The value 'imagenet' is invalid"),
        (
            ["--benchmark", "t2vqa", "/nowhere", "--pairs", "-"], 2,
            "--benchmark takes no other ground truth than --scores"
        ),
        (["--benchmark", "t2vqa", "/nowhere", "--format", "html"], 2, "--benchmark has no page"),
        (
            ["--benchmark", "genai-bench", "/nowhere"], 3,
            "cannot read '/nowhere': it holds no test.jsonl or test_v1.jsonl"
        ),
    ])
    func `invalid arguments are reported`(
        arguments: [String], status: Int32, message: String
    ) throws {
        let run = try CommandRun.ganrm(["eval"] + arguments)
        #expect(run.status == status)
        #expect(run.messages.contains(message))
        #expect(run.output == "")
    }

    @Test(arguments: [
        ("videogen-rewardbench", "videogen-rewardbench.csv", "a,b\n", ":1: the header names no"),
        ("hpdv2", "test.json", "{}", ": not a list of prompts"),
        ("imagereward", "test.json", "[", ": not valid JSON: "),
    ])
    func `a file of another format is refused`(
        benchmark: String, file: String, text: String, message: String
    ) throws {
        try folder.write(text, to: file)
        let run = try evaluate(benchmark, rows: [("a.mp4", 0)])
        #expect(run.status == 3)
        #expect(run.messages.contains(folder.path(file) + message))
    }
}
