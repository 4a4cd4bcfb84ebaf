import Foundation
import Testing
import TestModels
import TestSupport
import TextFormats

@Suite struct EvalCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Rows of `ganrm score` with labels.
    private static let rows = """
        {"input":"a","logit":2,"probability":0.75,"label":1,"group":"x"}
        {"input":"b","logit":1,"probability":0.625,"label":1,"group":"y"}
        {"input":"c","logit":-1,"probability":0.375,"label":1}
        {"input":"d","logit":0.5,"probability":0.5625,"label":0,"group":"y"}
        {"input":"e","logit":-2,"probability":0.25,"label":0}
        {"input":"f","error":"'f' is empty"}

        """

    private func json(_ run: CommandRun) throws -> JSONValue {
        try JSONValue(parsing: try #require(run.lines.first))
    }

    @Test func `labels, pairs and ratings are evaluated together`() throws {
        let scores = try folder.write(Self.rows, to: "rows.jsonl")
        let pairs = try folder.write(
            """
            {"winner":"a","loser":"b"}
            {"winner":"c","loser":"d"}
            {"winner":"b","loser":"b"}
            {"winner":"a","loser":"f"}

            """, to: "pairs.jsonl")
        let ratings = try folder.write(
            "input,rating,prompt\na,3,p\nb,2,p\nc,2.5,p\nd,1,q\n", to: "ratings.csv")
        let run = try CommandRun.ganrm(
            ["eval", "--scores", scores, "--pairs", pairs, "--ratings", ratings] + [
                "--format", "json",
            ])
        #expect(run.status == 1)
        #expect(run.messages == "ganrm: 'f' is empty\n")
        let report = try json(run)
        let labelled = try #require(report["labelled"])
        func value(_ estimate: JSONValue?) -> Double? { estimate?["value"]?.doubleValue }
        // Of the 6 pairs of a proxy and a generated row only (c, d) is in the wrong order.
        #expect(value(labelled["auc"]) == 5.0 / 6)
        // c and d are on the wrong side of 0.
        #expect(value(labelled["accuracy"]) == 0.6)
        #expect(labelled["groups"] == .integer(4))
        // Mean of -ln p of the true class: ¾, ⅝, ⅜, 1 - 9/16, ¾.
        let calibrated = -(log(0.75) + log(0.625) + log(0.375) + log(0.4375) + log(0.75)) / 5
        let loss = try #require(value(labelled["probability"]?["log_loss"]))
        #expect(abs(loss - calibrated) < 1e-12)
        // In Python: sum(math.log(1 + math.exp(x)) for x in (-2, -1, 1, 0.5, -2)) / 5.
        let plain = try #require(value(labelled["score"]?["log_loss"]))
        #expect(abs(plain - 0.5708912763) < 1e-9)
        // (a, b) is correct, (c, d) wrong, (b, b) tied; (a, f) has no score.
        #expect(value(report["pairs"]?["accuracy"]) == 0.5)
        #expect(report["pairs"]?["ties"] == .integer(1))
        #expect(report["pairs"]?["unscored"] == .integer(1))
        // Logits 2, 1, -1, ½ and ratings 3, 2, 2½, 1: scipy.stats gives ρ = 0.4 and τ-b = 1/3, and
        // for prompt p (without d) ½ and 1/3.
        #expect(abs(try #require(value(report["ratings"]?["spearman"])) - 0.4) < 1e-12)
        #expect(abs(try #require(value(report["ratings"]?["kendall"])) - 1.0 / 3) < 1e-12)
        let byPrompt = try #require(report["ratings"]?["by_prompt"])
        #expect(byPrompt["count"] == .integer(1))
        #expect(abs(try #require(value(byPrompt["spearman"])) - 0.5) < 1e-12)
        #expect(
            report["failures"]?.description == #"[{"input":"f","error":"'f' is empty"}]"#)
    }

    @Test func `intervals depend only on the seed`() throws {
        func run(seed: String) throws -> String {
            try CommandRun.ganrm(
                ["eval", "--scores", "-", "--seed", seed, "--format", "json"],
                input: Data(Self.rows.utf8)
            ).output
        }
        #expect(try run(seed: "1") == run(seed: "1"))
        #expect(try run(seed: "1") != run(seed: "2"))
    }

    @Test func `the table has counts and metrics`() throws {
        let run = try CommandRun.ganrm(
            ["eval", "--scores", "-", "-q"], input: Data(Self.rows.utf8))
        #expect(run.messages == "")
        #expect(run.lines.first == "labelled  3 proxy, 2 generated, 4 groups")
        #expect(run.lines.contains { $0.hasPrefix("  AUC                            0.833  ") })
        #expect(run.lines.last == "failed    1")
    }

    @Test func `groups of at least ten samples have metrics`() throws {
        let rows = (0..<19).map { i in
            #"{"input":"\#(i)","logit":\#(i - 9),"label":\#(i % 2),"group":"\#(i < 9 ? "few" : "ten")"}"#
        }
        let run = try CommandRun.ganrm(
            ["eval", "--scores", "-", "--format", "json"],
            input: Data(rows.joined(separator: "\n").utf8))
        let groups = try #require(json(run)["labelled"]?["by_group"]?.arrayValue)
        #expect(groups.map { $0["group"] } == [.string("ten")])
        #expect(groups.first?["count"] == .integer(10))
        #expect(try json(run)["labelled"]?["probability"] == .null)
    }

    @Test(arguments: [
        ([], 2, "no ground truth"),
        (["--scores", "-", "--proxy", "a"], 2, "--scores are scores already"),
        (["--scores", "-", "--pairs", "-"], 2, "standard input is one file only"),
        (["--scores", "-", "--resamples", "0"], 2, "--resamples is from 1 to 1000000"),
        (["--scores", "/nowhere"], 3, "cannot read '/nowhere'"),
        (["--scores", "-"], 3, "there is nothing to evaluate"),
        (["--proxy", "/nowhere.mp4"], 3, "'/nowhere.mp4' does not exist"),
    ])
    func `invalid arguments are reported`(
        arguments: [String], status: Int32, message: String
    ) throws {
        let run = try CommandRun.ganrm(["eval"] + arguments)
        #expect(run.status == status)
        #expect(run.messages.contains(message))
        #expect(run.output == "")
    }

    @Test func `evaluating a model matches evaluating its rows`() throws {
        let model = try TinyModel()
        let media = try TestMedia(clipsPerSide: 3, frames: 16)
        let (good, raw) = (media.folder.path("good"), media.folder.path("raw"))
        let head = folder.path("head.safetensors")
        let training = try CommandRun.ganrm(
            ["train", "--proxy", good, "--generated", raw, "-o", head, "--steps", "20"]
                + ["--frames", "4"] + model.encoderOptions)
        try #require(training.status == 0, "\(training.messages)")
        let options = ["--model", head] + model.encoderOptions
        let pairs = try folder.write(
            (0..<3).map { i in
                "{\"winner\":\"\(good)/\(i).mp4\",\"loser\":\"\(raw)/missing.mp4\"}\n"
                    + "{\"winner\":\"\(good)/\(i).mp4\",\"loser\":\"\(raw)/\(i).mp4\"}\n"
            }.joined(), to: "pairs.jsonl")
        let evaluation = try CommandRun.ganrm(
            ["eval", "--proxy", good, "--generated", raw, "--pairs", pairs, "--format", "json"]
                + options)
        #expect(evaluation.status == 1)
        let report = try json(evaluation)
        #expect(report["failures"]?.arrayValue?.count == 1)
        #expect(report["labelled"]?["count"] == .integer(6))
        #expect(report["pairs"]?["count"] == .integer(3))
        #expect(report["model"]?["name"] == .string(head))

        let scored = try CommandRun.ganrm(["score", good, raw] + options)
        let rows = scored.lines.enumerated().map { index, line in
            line.dropLast() + ",\"label\":\(index < 3 ? 1 : 0)}"
        }
        let again = try CommandRun.ganrm(
            ["eval", "--scores", "-", "--format", "json"],
            input: Data(rows.joined(separator: "\n").utf8))
        #expect(again.status == 0)
        #expect(try json(again)["labelled"] == report["labelled"])
        #expect(try json(again)["sampling"] == report["sampling"])
    }

    @Test func `resampling is interrupted at once`() throws {
        let scores = try folder.write(Self.rows, to: "rows.jsonl")
        let report = folder.path("report.json")
        let run = try BackgroundProcess(
            CommandRun.binary,
            ["eval", "--scores", scores, "--resamples", "1000000", "-o", report])
        // Resampling takes seconds; the signal handlers are there after milliseconds.
        usleep(1_000_000)
        run.send(SIGINT)
        #expect(try run.end() == 130)
        #expect(run.messages == "ganrm: interrupted; nothing is written\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["rows.jsonl"])
    }
}
