import Foundation
import Metrics
import Testing
import TestSupport
import TextFormats

/// `ganrm metrics`; values are tested in `MetricsTests`, with a small model.
@Suite struct MetricsCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private var environment: [String: String] { ["GANRM_HOME": folder.path] }

    private func ganrm(_ arguments: String..., input: String? = nil) throws -> CommandRun {
        try CommandRun.ganrm(
            ["metrics"] + arguments, input: input.map { Data($0.utf8) }, environment: environment)
    }

    private func row(
        _ input: String, _ prompt: String, _ value: Double, model: String = "clipscore"
    ) -> String {
        """
        {"prompt":"\(prompt)","version":"1","input":"\(input)","kind":"image","metrics":{"clipscore":\(value)},\
        "model":{"name":"\(model)","fingerprint":"0"},"precision":"f32","sampling":{"kind":"frames","frames":1}}
        """
    }

    @Test func `the list has all metrics, and tells what is missing`() throws {
        let table = try ganrm("list")
        #expect(table.status == 0)
        // Further weights have a line of their own.
        #expect(
            table.lines.dropFirst().filter { !$0.hasPrefix("+") }
                .map { $0.split(separator: " ").first.map(String.init) } == Metric.all.map(\.name))
        #expect(table.lines.allSatisfy { $0.count <= 100 })
        let rows = try ganrm("list", "--format", "jsonl").lines.map { try JSONValue(parsing: $0) }
        #expect(rows.map { $0["name"]?.stringValue } == Metric.all.map(\.name))
        #expect(
            rows.allSatisfy {
                // What needs no model is always here.
                $0["here"] == .bool($0["models"]?.arrayValue?.isEmpty == true)
                    && $0["reference"]?.stringValue?.isEmpty == false
            })
    }

    @Test(arguments: [
        (["a.png"], 2, "--metrics"),
        (["--metrics", "clipscore"], 2, "no input"),
        (["a.png", "--metrics", "clipscor"], 2, "did you mean 'clipscore'?"),
        (["a.png", "--metrics", "clipscore,"], 2, "there is no metric ''"),
        (["a.png", "--metrics", "clipscore", "--frames", "0"], 2, "--frames"),
        (["a.png", "--metrics", "fid", "--format", "table"], 2, "name it by --reference"),
        (["a.png", "--metrics", "fid", "--reference", "b"], 2, "add --format table or json"),
        (
            ["-", "--metrics", "fid", "--reference", "b", "--format", "json"], 2,
            "name a file instead of -"
        ),
        (["a.png", "--metrics", "clipscore", "--reference", "b"], 2, "goes with lpips"),
        (["a.png", "--metrics", "q16,ip"], 2, "ip needs NudeNet's detector"),
        (["a.png", "--metrics", "q16", "--detector", "b.onnx"], 2, "goes with nudenet and ip"),
        (
            ["a.png", "--metrics", "nudenet", "--detector", "b.onnx"], 3,
            "'b.onnx' cannot be used as a detector"
        ),
        (["a.png", "--metrics", "clipscore", "--save-stats", "b.npz"], 2, "one Fréchet distance"),
        (
            ["a.png", "--metrics", "fid,fvd", "--format", "json", "--reference", "b.npz"], 2,
            "compute fvd by itself"
        ),
        (
            ["a.png", "--metrics", "kid", "--format", "json", "--reference", "b.npz"], 2,
            "needs the samples"
        ),
        (["a.png", "--metrics", "lpips@alex", "--reference", "b.npz"], 2, "compares inputs"),
        (
            [
                "a.png", "--metrics", "fid", "--format", "json", "--reference", "b",
                "--save-stats", "c.txt",
            ], 2, "ends in .npz"
        ),
        (
            ["a.png", "--metrics", "fid", "--format", "json", "--reference", "/no/such.npz"], 3,
            "'/no/such.npz'"
        ),
        (["a.png", "--metrics", "clipscore", "--resume"], 2, "--resume goes with -o FILE"),
        (
            ["a.png", "--metrics", "clipscore", "--resume", "-o", "x", "--format", "table"], 2,
            "--format jsonl"
        ),
        (["a.png", "--metrics", "clipscore", "--prompt", "x", "--prompts", "y"], 2, "use one"),
        (["a.png", "--metrics", "clipscore", "--prompts", "/no/such/file"], 3, "'/no/such/file'"),
        (
            ["a.png", "--metrics", "pickscore", "--prompt", "x"], 3,
            "ganrm models pull pickscore-v1"
        ),
        (["summary", "/no/such/file"], 3, "'/no/such/file'"),
        (["summary", "-", "--against", "-"], 2, "standard input is one list only"),
        (["summary", "x", "--top", "1"], 2, "--against"),
        (["summary", "x", "--against", "y", "--top", "1,"], 2, "--top has numbers, as 1,3,10"),
        (["summary", "x", "--against", "y", "--top", "0"], 2, "--top is from 1"),
        (["summary"], 2, "there are no rows"),
        (["summary", "--vbench", "/no/such/file"], 3, "'/no/such/file'"),
    ])
    func `mistakes are told before anything is encoded`(
        arguments: [String], status: Int32, message: String
    ) throws {
        let run = try CommandRun.ganrm(["metrics"] + arguments, environment: environment)
        #expect(run.status == status, "\(run.messages)")
        #expect(run.messages.contains(message), "\(run.messages)")
        #expect(run.output.isEmpty)
    }

    @Test func `rows of several files are summed up`() throws {
        let first = try folder.write(
            [
                row("a.png", "x", 0.5), row("b.png", "x", 0.7),
                #"{"input":"c.png","error":"it is black"}"#,
            ]
            .joined(separator: "\n"), to: "1.jsonl")
        let run = try ganrm(
            "summary", first, "-", "--format", "json", input: row("d.png", "y", 0.9))
        #expect(run.status == 0, "\(run.messages)")
        let summary = try JSONValue(parsing: run.output)
        let line = try #require(summary["metrics"]?["clipscore"])
        #expect(abs((line["mean"]?.doubleValue ?? 0) - 0.7) < 1e-12)
        #expect(abs((line["mean_of_prompts"]?.doubleValue ?? 0) - 0.75) < 1e-12)
        #expect(line["inputs"] == .integer(3) && line["prompts"] == .integer(2))
        #expect(summary["failed"] == .integer(1))
        #expect(summary["precision"]?.stringValue == "f32")
    }

    @Test func `results of VBench have no total from some dimensions`() throws {
        let results = try folder.write(#"{"scene": [0.4111, []]}"#, to: "results.json")
        let json = try JSONValue(
            parsing: ganrm("summary", "--format", "json", "--vbench", results).output)
        let vbench = try #require(json["vbench"])
        #expect(
            abs((vbench["dimensions"]?["scene"]?["normalized"]?.doubleValue ?? 0) - 0.5) < 1e-12)
        #expect(vbench["missing"]?.arrayValue?.count == 15)
        for key in ["quality", "semantic", "total"] {
            #expect(vbench[key]?.description == "null")
        }
        let rows = try folder.write(row("a.png", "x", 0.5), to: "rows.jsonl")
        let table = try ganrm("summary", rows, "--vbench", results)
        #expect(table.status == 0)
        #expect(table.lines.first?.hasPrefix("metric ") == true)
        #expect(table.lines.last?.hasPrefix("missing: subject_consistency, ") == true)
    }

    @Test func `flickering needs no model`() throws {
        let video = try folder.make("video.mp4")
        let picture = try folder.make("picture.png", source: "testsrc2=s=64x48", "-frames:v 1")
        let run = try ganrm(video, picture, "--metrics", "temporal_flickering")
        #expect(run.status == 1)
        let rows = try run.lines.map { try JSONValue(parsing: $0) }
        #expect(rows[0]["metrics"]?["temporal_flickering"]?.doubleValue ?? 0 > 0.9)
        #expect(rows[0]["model"]?["encoder"] == nil)
        #expect(rows[1]["error"]?.stringValue?.contains("is a picture") == true)
    }

    @Test(arguments: [
        ("{", "the line is no row"), (#"{"input":"a.png","score":1}"#, "has no metrics"),
        (#"{"input":"a.png","metrics":{"clipscore":"NaN"}}"#, "has no metrics"),
        (#"{"input":"a.png","metrics":{"clipscore":null}}"#, "has no metrics"),
        (#"{"input":"a.png","metrics":{"clipscore":1e308}}"#, "which no metric gives"),
        ("OTHER", "other lines by clipscore"),
    ])
    func `a line that does not belong to the others is named`(line: String, reason: String) throws {
        let line = line == "OTHER" ? row("b.png", "x", 1, model: "other") : line
        let file = try folder.write(row("a.png", "x", 0.5) + "\n" + line + "\n", to: "rows.jsonl")
        let run = try ganrm("summary", file)
        #expect(run.status == 3)
        #expect(
            run.messages.contains("\(file):2: ") && run.messages.contains(reason), "\(run.messages)"
        )
    }

    private func score(_ input: String, _ logit: Double) -> String {
        """
        {"input":"\(input)","score":0.5,"logit":\(logit),"kind":"image",\
        "model":{"name":"default","fingerprint":"1"},"precision":"bf16"}
        """
    }

    @Test func `the best candidates by scores have metrics of their own`() throws {
        let rows = try folder.write(
            [
                row("a1", "x", 1), row("a2", "x", 2), row("a3", "x", 3), row("b1", "y", 11),
                row("b2", "y", 13), row("c1", "z", 5),
            ].joined(separator: "\n"), to: "rows.jsonl")
        let scores = try folder.write(
            [
                score("a1", 0), score("a2", 2), score("a3", 1), score("b1", 0), score("b2", 1),
                score("c1", 0), score("d1", 0),
            ].joined(separator: "\n"), to: "scores.jsonl")
        let run = try ganrm("summary", rows, "--against", scores, "--format", "json")
        #expect(run.status == 0, "\(run.messages)")
        #expect(
            run.messages == """
                ganrm: 1 candidate with a score but without a row of metrics: left out
                ganrm: 1 prompt with fewer than 2 candidates that have score and metrics: left out

                """)
        let summary = try JSONValue(parsing: run.output)
        #expect(
            summary.members?.map(\.key) == [
                "metrics", "failed", "best_of", "model", "precision", "sampling", "version",
            ])
        let bestOf = try #require(summary["best_of"])
        #expect(
            bestOf.members?.map(\.key) == [
                "metrics", "prompts", "candidates", "prompts_left_out", "excluded", "left_out",
                "scores",
            ])
        #expect(bestOf["scores"]?["model"]?["name"] == .string("default"))
        let line = try #require(bestOf["metrics"]?["clipscore"])
        #expect(line.members?.map(\.key) == ["all", "spearman", "kendall", "top"])
        // Means of 2 and 12; the best is 2 of 1, 2, 3 and 13 of 11, 13.
        #expect(line["all"]?["mean"]?.doubleValue == 7)
        let points = try #require(line["top"]?.arrayValue)
        #expect(points.map { $0["k"]?.integerValue } == [1, 2])
        #expect(points.map { $0["best"]?["mean"]?.doubleValue } == [7.5, 7.25])
        #expect(points.map { $0["worst"]?["mean"]?.doubleValue } == [6, 7])
        #expect(points.map { $0["gain"]?["mean"]?.doubleValue } == [0.5, 0.25])
        // ρ of 1, 2, 3 and logits 0, 2, 1 is ½; of two in the right order 1.
        #expect(abs((line["spearman"]?["mean"]?.doubleValue ?? 0) - 0.75) < 1e-12)

        let table = try ganrm("summary", rows, "--against", scores, "--top", "3,1")
        #expect(table.status == 0 && table.lines.allSatisfy { $0.count <= 100 })
        #expect(table.lines.count { $0.hasPrefix("clipscore") } == 4)
        #expect(table.messages.contains("2 prompts with fewer than 3 candidates"))
    }
}
