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
                $0["here"] == .bool(false) && $0["reference"]?.stringValue?.isEmpty == false
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
}
