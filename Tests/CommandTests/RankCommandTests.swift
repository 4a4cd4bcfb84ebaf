import Foundation
import Testing
import TestModels
import TestSupport
import TextFormats

@Suite struct RankCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Three prompts with three, three and one candidate; one failed, two are tied.
    private func scores() throws -> String {
        try folder.write(
            """
            {"input":"0001_0.mp4","logit":1,"logit_spread":0.25}
            {"input":"0001_1.mp4","logit":-1,"logit_spread":2}
            {"input":"0001_2.mp4","logit":1,"logit_spread":0.5}
            {"input":"0002_0.mp4","error":"'0002_0.mp4' is empty"}
            {"input":"0002_1.mp4","logit":0}
            {"input":"0002_2.mp4","logit":2.5}
            {"input":"0003_0.mp4","logit":9}

            """, to: "scores.jsonl")
    }

    @Test func `rank sorts candidates and reports failures`() throws {
        let prompts = try folder.write("a cat\na dog\na bird\n", to: "prompts.txt")
        let run = try CommandRun.ganrm(
            ["rank", "--scores", scores(), "--prompts", prompts])
        #expect(run.status == 1)
        #expect(
            run.messages == """
                ganrm: '0002_0.mp4' is empty
                ganrm: prompt 'a bird': 1 of 1 candidate has a score; a comparison needs two

                """)
        let rows = try rows(run)
        #expect(
            rows.map { $0["input"]?.stringValue } == [
                "0001_0.mp4", "0001_2.mp4", "0001_1.mp4", "0002_2.mp4", "0002_1.mp4", "0002_0.mp4",
                "0003_0.mp4", nil,
            ])
        #expect(rows.map { $0["rank"]?.integerValue } == [1, 2, 3, 1, 2, nil, 1, nil])
        #expect(rows.map { $0["margin"]?.doubleValue } == [0, 2, nil, 2.5, nil, nil, nil, nil])
        #expect(rows[3]["prompt"] == .string("a dog"))
        // In Python: 1 / (1 + math.exp(-2.5)).
        #expect(abs(try #require(rows[3]["score"]?.doubleValue) - 0.9241418199787566) < 1e-7)
        #expect(rows[5]["error"] == .string("'0002_0.mp4' is empty"))
        #expect(rows[7]["candidates"] == .integer(1))

        // The output can be ranked again.
        let ranks = try folder.write(run.output, to: "ranks.jsonl")
        let again = try CommandRun.ganrm(["rank", "--scores", ranks])
        #expect(again.output == run.output)
    }

    @Test func `names that differ in bytes only are ranked apart`() throws {
        let names = ["\u{e9}_0.png", "e\u{301}_0.png", "a_0.png"]
        let candidates = try folder.write(
            "{\"prompt\":\"p\",\"candidates\":[\(names.map { "\"\($0)\"" }.joined(separator: ","))]}\n",
            to: "twins.jsonl")
        let scores = try folder.write(
            names.enumerated().map { "{\"input\":\"\($1)\",\"logit\":\($0)}\n" }.joined(),
            to: "twin-scores.jsonl")
        for arguments in [[candidates, "--scores", scores], ["--scores", scores]] {
            let run = try CommandRun.ganrm(["rank"] + arguments)
            #expect(try rows(run).compactMap { $0["logit"]?.doubleValue }.count == 3)
        }
    }

    @Test func `a second process on one output is refused`() throws {
        let output = folder.path("ranks.jsonl")
        let first = try BackgroundProcess(
            CommandRun.binary, ["rank", "-", "--scores", scores(), "-o", output])
        // It has locked its output, and waits for candidates.
        let end = Date(timeIntervalSinceNow: BackgroundProcess.timeoutSeconds)
        while !FileManager.default.fileExists(atPath: output + ".lock"), Date() < end {
            usleep(10_000)
        }
        usleep(50_000)
        let second = try CommandRun.ganrm(["rank", "--scores", scores(), "-o", output])
        #expect(second.status == 3)
        #expect(
            second.messages == """
                ganrm: cannot write '\(output)': process \(first.process.processIdentifier) is writing \
                it; wait for its end, or name another output

                """)
        first.send(SIGKILL)
        _ = try first.end()
        // A killed process leaves its lock, which is free, and no part of its output.
        #expect(!FileManager.default.fileExists(atPath: output))
        #expect(try CommandRun.ganrm(["rank", "--scores", scores(), "-o", output]).status == 1)
        #expect(!FileManager.default.fileExists(atPath: output + ".lock"))
    }

    @Test func `a rank has the digits of the score`() throws {
        let fixture = try ScoringFixture.shared.get()
        let inputs = ["good", "raw"].map { fixture.media.folder.path($0) }
        let scored = try rows(CommandRun.ganrm(["score"] + inputs + fixture.options))
        let ranked = try rows(CommandRun.ganrm(["rank"] + inputs + fixture.options))
        #expect(ranked.count == scored.count)
        for row in ranked {
            let score = try #require(scored.first { $0["input"] == row["input"] })
            for key in ["score", "logit", "logit_spread", "unfamiliar", "model", "precision"] {
                #expect(row[key]?.description == score[key]?.description, "\(key)")
            }
        }
    }

    @Test func `an output is checked before the candidates are scored`() throws {
        let fixture = try ScoringFixture.shared.get()
        let old = try folder.write("old\n", to: "old.jsonl")
        let foreign = try folder.write("mine", to: "foreign/file.txt")
        for (arguments, message) in [
            (
                ["rank", "-o", old],
                "exists; go on with it by --resume or replace it by --overwrite"
            ),
            (["rank", "-o", folder.path("none/o.jsonl")], "there is no folder '"),
            (["select", "-o", folder.url.path], "Is a directory"),
            (
                ["pairs", "--export", "videodpo", (foreign as NSString).deletingLastPathComponent],
                "foreign'"
            ),
        ] {
            let store = folder.path("store.sqlite")
            let run = try CommandRun.ganrm(
                [arguments[0], fixture.media.folder.path("good")] + arguments.dropFirst()
                    + ["--store", store] + fixture.options)
            #expect(run.status == 3 && run.messages.contains(message), "\(run.messages)")
            let info = try CommandRun.ganrm(["store", "info", "--store", store])
            #expect(info.lines.count <= 1, "\(info.output)")
        }
    }

    @Test func `pairs follow the policy and count omissions`() throws {
        let run = try CommandRun.ganrm(["pairs", "--scores", scores(), "--policy", "all", "-q"])
        #expect(
            try rows(run).map {
                "\($0["chosen"]?.stringValue ?? "") \($0["rejected"]?.stringValue ?? "") \($0["margin"]!)"
            } == [
                "0001_0.mp4 0001_1.mp4 2.0", "0001_2.mp4 0001_1.mp4 2.0",
                "0002_2.mp4 0002_1.mp4 2.5",
            ])
        let strict = try CommandRun.ganrm(
            ["pairs", "--scores", scores(), "--min-margin", "2.1", "--max-spread", "1"])
        #expect(try rows(strict).count == 1)
        #expect(
            strict.messages.hasSuffix(
                """
                1 pair of 3 prompts; margins (least, quartiles, most): 2.500 2.500 2.500 2.500 2.500; \
                left out: 1 prompt with fewer than two scores, 1 below the least margin

                """))
    }

    @Test func `select keeps the best candidates above the minimum score`() throws {
        let run = try CommandRun.ganrm(
            [
                "select", "--scores", scores(), "--keep", "2", "--min-score", "0.6", "--format",
                "csv",
            ])
        #expect(run.status == 1)
        #expect(run.lines.count == 5)
        #expect(
            ["0001_0.mp4", "0001_2.mp4", "0002_2.mp4", "0003_0.mp4"].allSatisfy(run.output.contains)
        )
    }

    @Test func `ranking grid cells matches ranking their files`() throws {
        let model = try TinyModel()
        let media = try TestMedia()
        try media.video("good_0.mp4", seed: 1)
        try media.video("good_1.mp4", seed: 2)
        try media.noise("bad_0.mp4", seed: 1)
        try media.noise("bad_1.mp4", seed: 2)
        let head = folder.path("head.safetensors")
        let trained = try CommandRun.ganrm(
            ["train", "--proxy"] + ["good_0.mp4", "good_1.mp4"].map(media.folder.path)
                + ["--generated"] + ["bad_0.mp4", "bad_1.mp4"].map(media.folder.path)
                + ["-o", head, "--steps", "5", "-q"] + model.encoderOptions)
        #expect(trained.status == 0, "\(trained.messages)")
        // Noise, pattern, noise: only the middle cell has the pattern.
        let noisy = "color=gray:s=64x48:r=8:d=1,geq=lum='64+2*X':cb=128:cr=128,noise=alls=90:allf=t"
        try media.folder.make(
            "grids/0001.mp4",
            source: """
                \(noisy):all_seed=3,pad=66:50:2:2[a];\
                testsrc2=s=64x48:r=8:d=1,format=yuv420p,pad=66:50:2:2[b];\
                \(noisy):all_seed=4,pad=68:50:2:2[c];\
                [a][b][c]hstack=3,pad=iw:ih+2
                """, "-c:v libx264 -qp 0 -pix_fmt yuv420p")
        let grids = media.folder.path("grids")
        func rank(_ options: String...) throws -> [JSONValue] {
            let run = try CommandRun.ganrm(
                ["rank", grids, "--model", head, "--precision", "f32"] + options
                    + model.encoderOptions)
            #expect(run.status == 0, "\(run.messages)")
            return try rows(run)
        }
        let cells = try rank("--grid", "3")
        #expect(cells.count == 3)
        #expect(cells[0]["input"] == .string(grids + "/0001.mp4#xywh=68,2,64,48"))
        let files = try rank("--grid", "auto", "--split", folder.path("cells"))
        #expect(files[0]["input"] == .string(folder.path("cells/0001_1.mp4")))
        #expect(files.map { $0["logit"] } == cells.map { $0["logit"] })
    }

    @Test func `usage errors and empty input have separate exit codes`() throws {
        #expect(try CommandRun.ganrm(["rank"]).status == 2)
        #expect(try CommandRun.ganrm(["rank", "x", "--split", "y"]).status == 2)
        #expect(try CommandRun.ganrm(["rank", "x", "--grid", "0"]).status == 2)
        #expect(try CommandRun.ganrm(["pairs", folder.path("missing")]).status == 3)
        let empty = try folder.write("", to: "empty.jsonl")
        let none = try CommandRun.ganrm(["rank", "--scores", empty])
        #expect(none.status == 3)
        #expect(none.messages == "ganrm: there are no candidates in \(empty)\n")
        let output = try folder.write("x", to: "ranks.jsonl")
        let run = try CommandRun.ganrm(["rank", "--scores", scores(), "-o", output])
        #expect(run.status == 3)
        #expect(run.messages.contains("exists"))
    }
}
