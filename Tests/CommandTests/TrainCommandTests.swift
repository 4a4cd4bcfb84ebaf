import Encoders
import Foundation
import Frames
import Reward
import Testing
import TestModels
import TestSupport
import TextFormats

/// `ganrm train` end to end, with test patterns and noise.
@Suite struct TrainCommandTests {
    private let model: TinyModel
    private let media: TestMedia

    init() throws {
        model = try TinyModel()
        media = try TestMedia(clipsPerSide: 6, frames: 8)
    }

    private func path(_ name: String) -> String { model.folder.path(name) }

    /// Options of a shortTraining training, without sides and output.
    private var shortTraining: [String] {
        ["--steps", "30", "--frames", "4", "-q"] + model.encoderOptions
    }

    private var sides: [String] {
        ["--proxy", media.folder.path("good"), "--generated", media.folder.path("raw")]
    }

    private func train(_ arguments: [String]) throws -> CommandRun {
        try CommandRun.ganrm(["train"] + arguments + shortTraining)
    }

    @Test func `a configuration file gives options, overridden by the command line`() throws {
        try model.folder.write(
            """
            proxy: ["\(media.folder.path("good"))"]
            generated: \(media.folder.path("raw"))
            output: \(path("from-file.safetensors"))
            learning_rate: 1e-3
            standardize: true
            half: false
            seed: 5
            """, to: "train.yaml")
        let fromFile = try train(["--config", path("train.yaml"), "--seed", "6"])
        try #require(fromFile.status == 0, "\(fromFile.messages)")
        let fromLine = try train(
            sides + ["--learning-rate", "1e-3", "--standardize", "--seed", "6"]
                + ["-o", path("from-line.safetensors")])
        try #require(fromLine.status == 0, "\(fromLine.messages)")
        #expect(
            try model.folder.bytes("from-file.safetensors")
                == model.folder.bytes("from-line.safetensors"))
    }

    /// Sides, output and labels are checked before the first input is encoded.
    @Test(arguments: [
        (["--generated", "raww/"], "'raww/' does not exist"),
        (
            ["--generated", "LIST"],
            "no input in 'LIST' exists; the first: 'gone.mp4' does not exist"
        ),
        (["--generated", "EMPTY"], "'EMPTY' is an empty list"),
        (["--validation", "gone"], "'gone' does not exist"),
        (["--validation", "RAW"], "0.mp4' is to try heads on, but has no label"),
        (["--bootstrap", "gone"], "'gone' does not exist"),
        (["-o", "no-folder/head.safetensors"], "there is no folder 'no-folder'"),
        (["--log", "no-folder/log.jsonl"], "there is no folder 'no-folder'"),
        (["--generated", "OTHER"], "the embeddings do not belong together"),
    ])
    func `mistakes are reported before inputs are encoded`(
        options: [String], message: String
    ) throws {
        let good = media.folder.path("good")
        let words = [
            "LIST": try model.folder.write("gone.mp4\n/gone/too.mp4\n", to: "list.txt"),
            "EMPTY": try model.folder.write("\n", to: "empty.txt"),
            "RAW": media.folder.path("raw"), "OTHER": path("other.safetensors"),
        ]
        if options.contains("OTHER") {
            let run = try CommandRun.ganrm(
                ["encode", good, "-o", path("other.safetensors"), "--frames", "2"]
                    + model.encoderOptions)
            try #require(run.status == 0, "\(run.messages)")
        }
        var arguments = ["--proxy", good] + options.map { words[$0] ?? $0 }
        if !options.contains("--generated") {
            arguments += ["--generated", media.folder.path("raw")]
        }
        if !options.contains("-o") { arguments += ["-o", path("head.safetensors")] }
        let store = ["--store", path("store.sqlite")]
        let run = try train(arguments + store)
        #expect(run.status == 3)
        let expected = words.reduce(message) { $0.replacing($1.key, with: $1.value) }
        #expect(run.messages.contains(expected), "\(run.messages)")
        #expect(try CommandRun.ganrm(["store", "info"] + store).lines.count == 1)
    }

    @Test func `a sample that cannot be read is left out, and told by the exit code`() throws {
        _ = try media.folder.write("no video", to: "raw/broken.mp4")
        let run = try train(sides + ["-o", path("head.safetensors")])
        #expect(run.status == 1, "\(run.messages)")
        #expect(run.messages.contains("broken.mp4"))
        _ = try RewardModel.load(path("head.safetensors"))
    }

    @Test func `a file of embeddings says how the other side is embedded`() throws {
        let set = path("good.safetensors")
        let encoding = try CommandRun.ganrm(
            ["encode", media.folder.path("good"), "-o", set, "--frames", "3", "--taps", "1,2"]
                + model.encoderOptions)
        try #require(encoding.status == 0, "\(encoding.messages)")
        let run = try CommandRun.ganrm(
            ["train", "--proxy", set, "--generated", media.folder.path("raw"), "--steps", "2"]
                + ["-o", path("head.safetensors"), "--no-sanity"] + model.encoderOptions)
        #expect(run.status == 0, "\(run.messages)")
        let trained = try RewardModel.load(path("head.safetensors"))
        #expect(trained.encoders[.video]?.taps == [1, 2] && trained.sampling.frameCount == 3)
    }

    @Test(arguments: [
        ("- a\n", Int32(3), "is not a mapping of options to values"),
        ("seed: {a: 1}\n", 3, "'seed' is neither a value nor a list"),
        ("colour: red\n", 2, "Unknown option '--colour'"),
        ("steps: 1\nseed: 1\nseed: 2\n", 3, "train.yaml:2: 'seed' comes twice"),
        ("half: true\nlearning_rate: NaN\n", 2, "train.yaml:2: setting 'learning_rate' must be"),
        ("warm_up_steps: NaN\n", 2, "train.yaml:1: The value 'NaN' is invalid for '--warm-up"),
        ("learning_rate: -.inf\n", 2, "train.yaml:1: The value '-.inf' is invalid"),
    ])
    func `an invalid configuration is refused`(
        text: String, status: Int32, reason: String
    ) throws {
        try model.folder.write(text, to: "train.yaml")
        let run = try train(
            sides + ["-o", path("never.safetensors"), "--config", path("train.yaml")])
        #expect(run.status == status)
        #expect(run.messages.contains(reason), "\(run.messages)")
    }

    @Test(arguments: [
        (#""label":"NaN""#, "the label is not a number from 0 to 1"),
        (#""label":2"#, "the label is not a number from 0 to 1"),
        (#""label":1e999"#, "the line is not valid JSON: a number too large at byte"),
        (#""weight":"1e999""#, "the weight is not a number above 0, at most 1e6"),
        (#""weight":1e300"#, "the weight is not a number above 0, at most 1e6"),
        (#""weight":0"#, "the weight is not a number above 0, at most 1e6"),
    ])
    func `a label or a weight that is no number fails its sample`(
        member: String, reason: String
    ) throws {
        let good = media.folder.path("good")
        let names = try FileManager.default.contentsOfDirectory(atPath: good).sorted()
        let list = try model.folder.write(
            names.enumerated().map { index, name in
                #"{"path":"\#(good)/\#(name)"\#(index == 1 ? "," + member : "")}"# + "\n"
            }.joined(), to: "good.jsonl")
        let run = try CommandRun.ganrm(
            ["train", "--proxy", list, "--generated", media.folder.path("raw"), "--steps", "2"]
                + ["--frames", "4", "--no-sanity", "-o", path("head.safetensors")]
                + model.encoderOptions)
        #expect(run.messages.contains("ganrm: \(list):2: \(reason)"), "\(run.messages)")
        #expect(run.messages.contains("ganrm: proxy: \(names.count - 1) samples"))
    }

    @Test func `folds give an ensemble with a spread in its rows`() throws {
        let head = path("folds.safetensors")
        let run = try train(sides + ["-o", head, "--folds", "3", "--steps", "20"])
        try #require(run.status == 0, "\(run.messages)")
        let members = try RewardModel.load(head).ensemble.members
        #expect(members.count == 3)
        let score = try CommandRun.ganrm(
            ["score", media.folder.path("good/0.mp4"), "--model", head] + model.encoderOptions)
        let row = try JSONValue(parsing: try #require(score.lines.first))
        #expect(row["spread"]?.doubleValue != nil && row["logit_spread"]?.doubleValue != nil)
        #expect(row["percentile_generated"] != nil)
        let info = try CommandRun.ganrm(["head", "info", head])
        #expect(info.output.contains("bootstrap, 3 folds; 3 heads"))
        #expect(info.output.contains("fold 3"))
    }

    /// Expected labels by hand: exp(-0.7 · 0), exp(-0.7 · 1), and 0.
    @Test func `the log has steps and pseudo-labels`() throws {
        for i in 0..<4 { try media.video("more/\(i).mp4", frames: 8, seed: 9 + i) }
        let run = try train(
            sides + ["-o", path("head.safetensors"), "--log", path("log.jsonl")]
                + ["--bootstrap", media.folder.path("more"), "--top", "2", "--bottom", "1"]
                + ["--alpha", "0.7"])
        try #require(run.status == 0, "\(run.messages)")
        let rows = try model.folder.text("log.jsonl").split(separator: "\n")
            .map { try JSONValue(parsing: String($0)) }
        let steps = rows.filter { $0["event"] == .string("step") }
        #expect(steps.count == 60)
        #expect(steps.last?["round"] == .integer(1))
        // Two batches of eight samples and two failures.
        #expect(steps.allSatisfy { $0["drawn"]?.arrayValue?.count == 20 })
        let labels = try #require(
            rows.first { $0["event"] == .string("labels") }?["labels"]?.arrayValue)
        #expect(labels.map { $0["rank"] } == [.integer(1), .integer(2), .null])
        let values = labels.compactMap { $0["label"]?.doubleValue }
        for (value, expected) in zip(values, [1, 0.496_585_303_791_409_5, 0]) {
            #expect(abs(value - expected) < 1e-12)
        }
    }

    @Test func `validation samples require labels`() throws {
        let good = media.folder.path("good/0.mp4")
        let raw = media.folder.path("raw/0.mp4")
        try model.folder.write(
            "{\"path\":\"\(good)\",\"label\":1}\n{\"path\":\"\(raw)\"}\n", to: "held.jsonl")
        let run = try train(
            sides + ["-o", path("head.safetensors"), "--validation", path("held.jsonl")])
        #expect(run.status == 3)
        #expect(run.messages.contains("'\(raw)' is to try heads on, but has no label"))
    }
}
