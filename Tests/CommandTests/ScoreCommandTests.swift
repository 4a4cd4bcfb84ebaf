import Foundation
import Pipeline
import Scoring
import Testing
import TestModels
import TestSupport
import TextFormats

/// `ganrm score` end to end, with the encoder and the head of `ScoringFixture`.
@Suite(.serialized) struct ScoreCommandTests {
    private let setting: ScoringFixture

    init() throws { setting = try ScoringFixture.shared.get() }

    private func score(
        _ arguments: [String], input: Data? = nil
    ) throws -> CommandRun {
        try CommandRun.ganrm(["score"] + arguments + setting.options, input: input)
    }

    @Test func `a row has the score and its provenance`() throws {
        let video = try setting.media.video("row.mp4", frames: 16)
        let run = try score([video])
        #expect(run.status == 0)
        #expect(run.messages == "")
        let row = try #require(rows(run).first)
        let logit = try #require(row["logit"]?.doubleValue)
        let value = try #require(row["score"]?.doubleValue)
        #expect(abs(value - 1 / (1 + exp(-logit))) < 1e-6)
        #expect(row["input"] == .string(video))
        #expect(row["kind"] == .string("video"))
        #expect(row["frames"] == .integer(16))
        #expect(row["duration"]?.doubleValue == 2)
        #expect(row["model"]?["name"] == .string(setting.head))
        #expect(row["precision"]?.stringValue != nil)
        #expect(row["sampling"]?.description == #"{"kind":"uniform","frames":4}"#)
        #expect(row["version"] == .string(ganrmVersion))
        guard case .array(let clips)? = row["clips"] else {
            Issue.record("no clips")
            return
        }
        #expect(
            clips.map { $0["indices"] } == [
                .array([.integer(1), .integer(5), .integer(9), .integer(13)])
            ])
    }

    @Test func `the trained head separates unseen samples`() throws {
        let good = try setting.media.video("unseen/good.mp4", seed: 7)
        let raw = try setting.media.noise("unseen/raw.mp4", seed: 99)
        let scores = try rows(score([good, raw])).compactMap { $0["score"]?.doubleValue }
        #expect(scores.count == 2 && scores[0] > 0.5 && scores[1] < 0.5, "\(scores)")
    }

    @Test(arguments: [
        ["--batch", "1"], ["--batch", "7"], ["--threads", "1"], ["--threads", "3"],
    ])
    func `scores do not depend on batch size or threads`(options: [String]) throws {
        let folder = setting.media.folder.path("good")
        #expect(try score([folder] + options).output == score([folder]).output)
    }

    @Test(arguments: ["uniform", "window"])
    func `a pipe is bit-exact with the file`(sampling: String) throws {
        let video = try setting.media.video("pipe.mkv", frames: 21)
        let nut = setting.media.folder.path("pipe.nut")
        try FFmpeg.run(["-i", video, "-f", "nut", "-c", "copy", nut])
        let file = try #require(rows(score([video, "--sampling", sampling])).first)
        let pipe = try #require(
            rows(
                score(
                    ["-", "--sampling", sampling],
                    input: Data(contentsOf: URL(fileURLWithPath: nut)))
            )
            .first)
        #expect(file["logit"] != nil && file["logit"] == pipe["logit"])
        #expect(pipe["input"] == .string("-"))
    }

    @Test func `failed inputs have rows with errors, and the others are scored`() throws {
        let video = try setting.media.video("fine.mp4")
        let broken = try setting.media.folder.write("no video", to: "broken.mp4")
        let run = try score([broken, "missing.mp4", video])
        #expect(run.status == 1)
        let rows = try rows(run)
        #expect(rows.count == 3)
        for row in rows[..<2] {
            #expect(row["error"]?.stringValue != nil)
            #expect(row["score"] == nil && row["logit"] == nil)
        }
        #expect(rows[2]["score"] != nil)
        #expect(run.messages.split(separator: "\n").count == 2)
    }

    @Test func `exit codes are as documented`() throws {
        let video = try setting.media.video("exit.mp4")
        #expect(try score([video]).status == 0)
        #expect(try score([video, "missing.mp4"]).status == 1)
        #expect(try CommandRun.ganrm(["score"]).status == 2)
        #expect(try CommandRun.ganrm(["score", "--no-such-option", "x"]).status == 2)
        let head = try CommandRun.ganrm(["score", "x", "--head", "y.safetensors"])
        #expect(head.status == 2)
        #expect(head.messages.contains("--head is gone; use --model"), "\(head.messages)")
        #expect(try score(["missing.mp4"]).status == 3)
        let sides = ["--proxy", "a", "--generated", "b", "-o", "c"]
        #expect(try CommandRun.ganrm(["train", "--steps", "0"] + sides).status == 2)
        #expect(
            try CommandRun.ganrm(["train", "--bootstrap", "d", "--top", "0"] + sides).status == 2)
        #expect(
            try CommandRun.ganrm(["score", video, "--model", "missing.safetensors"]).status == 3)
        #expect(try CommandRun.ganrm(["--help"]).status == 0)
        #expect(try CommandRun.ganrm(["--version"]).output == "\(ganrmVersion)\n")
    }

    @Test func `a worker returns a row with the keys of each line`() throws {
        let video = try setting.media.video("worker.mp4")
        let lines = """
            {"id":7,"path":"\(video)","prompt":"a \\"cat\\""}
            \(video)

            {"id":8}
            """
        let run = try score(["--list", "-"], input: Data(lines.utf8))
        #expect(run.status == 1)
        let rows = try rows(run)
        #expect(rows.map { $0["id"] } == [.integer(7), nil, .integer(8)])
        #expect(rows[0]["prompt"] == .string("a \"cat\""))
        #expect(rows[0]["score"] == rows[1]["score"] && rows[0]["score"] != nil)
        #expect(rows[2]["error"] != nil)
    }

    @Test func `an interrupted output is continued, not repeated`() throws {
        let whole = setting.media.folder.path("whole.jsonl")
        let truncated = setting.media.folder.path("truncated.jsonl")
        let inputs = [setting.media.folder.path("good"), setting.media.folder.path("raw")]
        #expect(try score(inputs + ["-o", whole]).status == 0)
        let expected = try String(contentsOfFile: whole, encoding: .utf8)
        try String(expected.dropLast(expected.count / 3)).write(
            toFile: truncated, atomically: false, encoding: .utf8)
        #expect(try score(inputs + ["-o", truncated]).status == 3)
        #expect(try score(inputs + ["-o", truncated, "--resume"]).status == 0)
        #expect(try String(contentsOfFile: truncated, encoding: .utf8) == expected)

        let refused = try score(inputs + ["-o", truncated, "--resume", "--frames", "2"])
        #expect(refused.status == 3)
        #expect(refused.messages.contains("frames=4"))
        #expect(try String(contentsOfFile: truncated, encoding: .utf8) == expected)
    }

    @Test func `an interruption does not replace a sorted output`() throws {
        let folder = try TemporaryFolder()
        let output = try folder.write("old\n", to: "rows.jsonl")
        let live = setting.media.folder.path("live-\(UUID())")
        try #require(mkfifo(live, 0o600) == 0)
        let run = try BackgroundProcess(
            CommandRun.binary,
            ["score", setting.media.folder.path("good"), live, "--sort", "score", "-o", output]
                + ["--overwrite"] + setting.options)
        // The pipe can be opened once the command reads it. If it ended, all inputs would be there.
        let writer = try FileHandle(forWritingTo: URL(fileURLWithPath: live))
        defer { try? writer.close() }
        run.send(SIGINT)
        #expect(try run.end() == 130)
        #expect(try folder.text("rows.jsonl") == "old\n")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["rows.jsonl"])
    }

    @Test func `names that differ in bytes only are resumed apart`() throws {
        let output = setting.media.folder.path("twins.jsonl")
        for (list, count) in [("\u{e9}.png\n", 1), ("\u{e9}.png\ne\u{301}.png\n", 2)] {
            let run = try score(
                ["--list", "-", "-o", output, "--resume"], input: Data(list.utf8))
            #expect(run.status == 3)
            let rows = try String(contentsOfFile: output, encoding: .utf8).utf8
            #expect(rows.count { $0 == UInt8(ascii: "\n") } == count)
        }
    }

    /// `jq -S` sorts keys and writes 1e3 as 1000; ids beyond 2⁵³ are one number for it.
    @Test func `rows that were rewritten are resumed`() throws {
        let list = try setting.media.folder.write(
            """
            {"input":"gone.png","id":{"b":1e3,"a":[2]}}
            {"input":"gone.png","id":18446744073709551615}
            {"input":"gone.png","id":18446744073709551614}
            """, to: "ids.jsonl")
        let rewritten =
            #"{"error":"gone","id":{"a":[2.0],"b":1000},"input":"gone.png"}"# + "\r\n"
            + #"{"id": 18446744073709551614, "input": "gone.png", "error": "gone"}"# + "\n"
        let output = try setting.media.folder.write(rewritten, to: "ids.out.jsonl")
        _ = try score(["--list", list, "-o", output, "--resume"])
        let text = try String(contentsOfFile: output, encoding: .utf8)
        #expect(text.utf8.starts(with: rewritten.utf8))
        let lines = text.split(whereSeparator: \.isNewline)
        #expect(lines.count == 3)
        #expect(lines.last?.contains("18446744073709551615") == true)
    }

    @Test func `a text that is no torn row is not replaced by resuming`() throws {
        let notes = try setting.media.folder.write("buy milk", to: "notes.txt")
        let run = try score(["gone.png", "-o", notes, "--resume"])
        #expect(run.status == 3)
        #expect(run.messages.contains("notes.txt:1: not a line of results"))
        #expect(try String(contentsOfFile: notes, encoding: .utf8) == "buy milk")
    }

    @Test func `an encoder description that is not what it should be is named`() throws {
        let encoder = try setting.media.folder.write(
            #"{"name":"e","configuration":{"width":"8"}}"#, to: "wrong-encoder.json")
        let run = try CommandRun.ganrm(
            [
                "score", setting.media.folder.path("good"), "--encoder", encoder, "--weights",
                encoder, "--model",
                setting.head,
            ])
        #expect(run.status == 3)
        #expect(
            !run.messages.contains("DecodingError") && !run.messages.contains("debugDescription"))
        #expect(run.messages.contains("wrong-encoder.json"), "\(run.messages)")
    }

    @Test func `a list gives the same rows from a file and from standard input`() throws {
        let lines = Array("a\u{2028}b.png\r\n\u{85}\n".utf8) + [0xe9, 0x0a]
        let list = try setting.media.folder.write(lines, to: "odd-list.txt")
        let fromFile = try score(["--list", list])
        let fromPipe = try score(["--list", "-"], input: Data(lines))
        #expect(fromFile.lines.count == 3)
        #expect(fromPipe.output == fromFile.output.replacing(list, with: "standard input"))
    }

    @Test func `a folder's file whose name is not UTF-8 has an error row`() throws {
        let folder = try TemporaryFolder()
        let path = Array("\(folder.path)/lat".utf8) + [0xe9] + Array(".png\0".utf8)
        path.withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { _ = creat($0.baseAddress!, 0o600) }
        }
        let run = try score([folder.path])
        #expect(run.status == 3)
        let row = try #require(rows(run).first)
        #expect(row["input"] == .string(folder.path + "/lat\u{fffd}.png"))
        #expect(row["error"]?.stringValue?.contains(#"'lat\xe9.png' is not UTF-8"#) == true)
    }

    /// `script` of util-linux runs the program on a terminal of its own.
    @Test func `a terminal that shows the rows shows a failure once`() throws {
        let command = ([CommandRun.binary.path, "score", "gone.png"] + setting.options)
            .joined(separator: " ")
        let run = try CommandRun(
            URL(fileURLWithPath: "/usr/bin/env"), ["script", "-qec", command, "/dev/null"])
        #expect(run.output.ranges(of: "does not exist").count == 1)
        let redirected = try score(["gone.png"])
        #expect(redirected.messages == "ganrm: 'gone.png' does not exist; check the path\n")
    }

    @Test func `stored embeddings give the same scores`() throws {
        let store = setting.media.folder.path("store.sqlite")
        let inputs = [setting.media.folder.path("good"), "missing.mp4"]
        let without = try score(inputs + ["--no-store"])
        let first = try score(inputs + ["--store", store])
        let second = try score(inputs + ["--store", store])
        #expect(first.output == without.output && second.output == without.output)
        let info = try CommandRun.ganrm(["store", "info", "--store", store])
        #expect(info.lines.count == 2 && info.lines[1].contains("inputs 6  clips 6"))
        // Scoring per clip uses another sampling.
        let clips = try score(inputs + ["--store", store, "--per", "clip"])
        #expect(try clips.output == score(inputs + ["--no-store", "--per", "clip"]).output)
    }

    @Test func `shards merge into the output of one run`() throws {
        let inputs = [setting.media.folder.path("good"), setting.media.folder.path("raw")]
        let parts = (0..<3).map { setting.media.folder.path("part-\($0).jsonl") }
        for (index, part) in parts.enumerated() {
            #expect(try score(inputs + ["--shard", "\(index)/3", "-o", part]).status == 0)
        }
        let merged = try CommandRun.ganrm(["merge"] + parts.reversed())
        #expect(merged.status == 0, "\(merged.messages)")
        #expect(try merged.output == score(inputs).output)
    }

    @Test func `each clip has its own row`() throws {
        let video = try setting.media.video("long.mp4", frames: 40)
        let run = try score([video, "--per", "clip", "--stride", "2", "--hop", "8"])
        let rows = try rows(run)
        #expect(
            rows.map { $0["indices"] }
                == stride(from: 0, through: 32, by: 8).map { start in
                    .array(stride(from: start, to: start + 8, by: 2).map { .integer($0) })
                })
        #expect(rows.allSatisfy { $0["score"]?.doubleValue != nil })
        let table = try score(
            [video, "--per", "clip", "--stride", "2", "--hop", "8", "--format", "csv"]
        ).lines.map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let start = try #require(table.first?.firstIndex(of: "start"))
        #expect(
            table.dropFirst().map { Double($0[start]) } == rows.map { $0["start"]?.doubleValue })
    }

    @Test func `csv has the values of the rows`() throws {
        let clips = setting.media.folder.path("good")
        let rows = try CommandTests.rows(score([clips]))
        let csv = try score([clips, "--format", "csv"])
        // Python reads CSV by the same rules as RFC 4180.
        let python = try CommandRun(
            URL(fileURLWithPath: "/usr/bin/env"),
            [
                "python3", "-c",
                "import csv, json, sys\nfor row in csv.DictReader(sys.stdin): print(json.dumps(row))",
            ], input: csv.bytes)
        try #require(python.status == 0, "\(python.messages)")
        let read = try CommandTests.rows(python)
        #expect(read.count == rows.count)
        for (fields, row) in zip(read, rows) {
            func expect(_ name: String, _ value: JSONValue?) {
                #expect(
                    fields[name]?.stringValue == value.map { $0.stringValue ?? $0.description }
                        ?? "", "\(name)")
            }
            for key in ["score", "logit", "unfamiliar", "precision", "version", "sampling"] {
                expect(key, row[key])
            }
            expect("model", row["model"]?["name"])
            expect("fingerprint", row["model"]?["fingerprint"])
            expect("encoder", row["model"]?["encoder"])
        }
    }

    @Test(arguments: ["jsonl", "csv", "table"])
    func `rows are sorted when the run ends`(format: String) throws {
        let inputs = ["raw", "good"].map { setting.media.folder.path($0) } + ["missing.mp4"]
        func lines(_ sort: String) throws -> [String] {
            try score(inputs + ["--sort", sort, "--format", format]).lines
        }
        let plain = try score(inputs + ["--format", format]).lines
        #expect(try lines("input") == plain)
        #expect(try Set(lines("score")) == Set(plain))
        let rows = try CommandTests.rows(score(inputs + ["--sort", "score"]))
        let logits = rows.map { $0["logit"]?.doubleValue ?? -.infinity }
        #expect(logits == logits.sorted(by: >) && logits.last == -.infinity)
        let names = try CommandTests.rows(score(inputs + ["--sort", "name"])).compactMap {
            $0["input"]?.stringValue
        }
        #expect(names == names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    }

    @Test func `csv fields are quoted if necessary`() throws {
        let video = try setting.media.video("comma, \"quote\".mp4")
        let run = try score([video, "--format", "csv"])
        #expect(
            run.lines.first
                == """
                id,score,logit,probability,percentile_generated,percentile_proxy,unfamiliar,degenerate,\
                kind,frames,duration,start,end,input,error,spread,logit_spread,realism,damage,truncation,\
                dropped_clips,model,fingerprint,encoder,precision,sampling,version
                """
        )
        #expect(run.output.contains("comma, \"\"quote\"\".mp4\""))
    }

    @Test func `embeddings are in input order, with their inputs`() throws {
        let output = setting.media.folder.path("embeddings.safetensors")
        let inputs = [setting.media.folder.path("good")]
        let run = try CommandRun.ganrm(
            ["encode"] + inputs + ["-o", output] + setting.model.encoderOptions)
        #expect(run.status == 0, "\(run.messages)")
        let embeddings = try EmbeddingSet(path: output)
        #expect(embeddings.vectors.count == 6)
        #expect(embeddings.vectors.allSatisfy { $0.count == 64 && $0.allSatisfy(\.isFinite) })
        #expect(
            embeddings.inputs.map { $0["input"]?.stringValue?.suffix(5) }
                == (0..<6).map { "\($0).mp4" })
    }

    @Test func `a head refuses another encoder with both fingerprints`() throws {
        var weights = try Data(contentsOf: URL(fileURLWithPath: setting.model.weights))
        weights[weights.count - 2] ^= 1
        let other = setting.model.folder.path("other.safetensors")
        try weights.write(to: URL(fileURLWithPath: other))
        let video = try setting.media.video("other.mp4")
        let run = try CommandRun.ganrm([
            "score", video, "--model", setting.head, "--encoder", setting.model.encoder,
            "--weights", other,
        ])
        #expect(run.status == 3)
        #expect(run.messages.matches(of: /[0-9a-f]{64}/).count == 2, "\(run.messages)")
    }
}
