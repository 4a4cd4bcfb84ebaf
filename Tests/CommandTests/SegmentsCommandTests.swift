import Foundation
import Testing
import TestSupport
import TextFormats

/// `ganrm segments` on synthetic score curves.
@Suite struct SegmentsCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A row of `ganrm score`, by default with clips of one second.
    private func row(
        _ input: String, _ logits: [Double], hop: Double = 1, length: Double = 1,
        duration: Double? = nil, kind: String = "video", sampling: String = "window"
    ) -> String {
        let clips = logits.enumerated().map { index, logit in
            let start = Double(index) * hop
            return #"{"start":\#(start),"end":\#(start + length),"indices":[0],"logit":\#(logit)}"#
        }
        let mean = logits.reduce(0, +) / Double(logits.count)
        return #"{"input":"\#(input)","logit":\#(mean),"kind":"\#(kind)","#
            + (duration.map { #""duration":\#($0),"# } ?? "")
            + #""clips":[\#(clips.joined(separator: ","))],"#
            + #""model":{"name":"default","fingerprint":"f00d"},"precision":"f32","#
            + #""sampling":{"kind":"\#(sampling)","frames":8},"version":"1"}"#
    }

    private func levels(_ pairs: (Int, Double)...) -> [Double] {
        pairs.flatMap { Array(repeating: $1, count: $0) }
    }

    private func segments(_ rows: String..., options: String...) throws -> CommandRun {
        let file = try folder.write(rows.joined(separator: "\n") + "\n", to: "scores.jsonl")
        return try CommandRun.ganrm(["segments", file] + options)
    }

    private func times(_ run: CommandRun) throws -> [[Double]] {
        try run.lines.map { line in
            let row = try JSONValue(parsing: line)
            return [row["start"]?.doubleValue ?? -1, row["end"]?.doubleValue ?? -1]
        }
    }

    @Test func `a row has times, score and provenance of a segment`() throws {
        let run = try segments(
            row("a.mp4", levels((10, 0), (5, 2), (20, -1), (5, 3), (10, 0)), duration: 50.5))
        #expect(run.status == 0)
        #expect(run.messages == "")
        #expect(
            run.lines.first == """
                {"input":"a.mp4","kind":"best","rank":1,"start":35.0,"end":40.0,"score":0.95257413,\
                "logit":3.0,"clips":5,"segmentation":{"penalty":7.824046e-06,"min_length":2.0},\
                "model":{"name":"default","fingerprint":"f00d"},"precision":"f32",\
                "sampling":{"kind":"window","frames":8},"version":"1"}
                """)
        // The mean of all clips is 0.1.
        #expect(try times(run) == [[35, 40], [10, 15], [15, 35], [0, 10], [40, 50.5]])
        let table = try segments(
            row("a.mp4", levels((10, 0), (5, 2), (20, -1), (5, 3), (10, 0)), duration: 50.5),
            row("b\\nc.mp4", levels((3700, 0), (4, -1))),
            options: "--format", "table", "--best", "1", "--worst", "1")
        #expect(
            table.output == """
                 kind rank       start         end   score    logit  clips  input
                 best    1  0:00:35.00  0:00:40.00  0.9526    3.000      5  a.mp4
                worst    1  0:00:15.00  0:00:35.00  0.2689   -1.000     20  a.mp4
                 best    1  0:00:00.00  1:01:40.00  0.5000    0.000   3700  b\\nc.mp4
                worst    1  1:01:40.00  1:01:44.00  0.2689   -1.000      4  b\\nc.mp4

                """)
        let csv = try segments(
            row("a, b.mp4", levels((10, 0), (5, 2))), options: "--format", "csv")
        #expect(
            csv.output == """
                input,kind,rank,start,end,score,logit,clips,error
                "a, b.mp4",best,1,10.0,15.0,0.8807971,2.0,5,
                "a, b.mp4",worst,1,0.0,10.0,0.5,0.0,10,

                """)
    }

    @Test func `segments that remain after dropping the worst are merged`() throws {
        let curve = row(
            "a.mp4", levels((10, 0), (5, -4), (10, 1), (10, 2), (5, -3), (10, 0)), duration: 50)
        #expect(
            try times(segments(curve, options: "--drop", "1")) == [[0, 10], [15, 50]])
        #expect(
            try times(segments(curve, options: "--drop", "2")) == [[0, 10], [15, 35], [40, 50]])
        #expect(
            try times(segments(curve, options: "--drop", "9", "--min-score", "0.8"))
                == [[25, 35]])
        #expect(
            try times(segments(curve, options: "--best", "5", "--worst", "0", "--min-score", "0.6"))
                == [[25, 35], [15, 25]])
        let none = try segments(curve, options: "--min-score", "1", "--worst", "0")
        #expect(none.status == 3)
        #expect(none.output == "")
        #expect(none.messages.hasPrefix("ganrm: no segment qualifies: "))
    }

    @Test func `overlapping clips are split at the middle of the overlap`() throws {
        // Clips of four seconds every second overlap by three: the change is at the middle, 11.5 s.
        let run = try segments(
            row("a.mp4", levels((10, 0), (10, 2)), length: 4), options: "--best", "1")
        #expect(try times(run) == [[11.5, 23], [0, 11.5]])
        // With gaps, a clip extends to the start of the next one.
        let gaps = try segments(row("a.mp4", levels((3, 0), (3, 2)), hop: 5))
        #expect(try times(gaps) == [[15, 26], [0, 15]])
    }

    @Test func `rows per clip give the same segments as rows per input`() throws {
        let logits = levels((10, 0), (5, 2), (20, -1))
        let whole = try segments(row("a.mp4", logits))
        let clips = logits.enumerated().map { index, logit in
            #"{"input":"a.mp4","start":\#(Double(index)),"end":\#(Double(index + 1)),"indices":[0],"#
                + #""logit":\#(logit),"kind":"video","model":{"name":"default","fingerprint":"f00d"},"#
                + #""precision":"f32","sampling":{"kind":"window","frames":8},"version":"1"}"#
        }
        let file = try folder.write(clips.joined(separator: "\n"), to: "clips.jsonl")
        #expect(try CommandRun.ganrm(["segments", file]).output == whole.output)
        #expect(
            try CommandRun.ganrm(["segments", "-"], input: Data(contentsOf: URL(filePath: file)))
                .output == whole.output)
        // An input that failed partway has no curve.
        let failed = try folder.write(
            clips.joined(separator: "\n") + "\n" + #"{"input":"a.mp4","error":"it broke off"}"#,
            to: "failed.jsonl")
        let run = try CommandRun.ganrm(["segments", failed])
        #expect(run.status == 3)
        #expect(run.output == #"{"input":"a.mp4","error":"it broke off"}"# + "\n")
    }

    @Test(arguments: [
        (#"{"input":"a.mp4","error":"'a.mp4' is empty"}"#, "'a.mp4' is empty"),
        (
            #"{"input":"a.png","logit":1,"kind":"image","clips":[{"logit":1}]}"#,
            "'a.png' is an image, which has no score curve"
        ),
        (
            #"{"input":"a.mp4","logit":1,"kind":"video","clips":[{"logit":1,"start":0}],"#
                + #""sampling":{"kind":"uniform"}}"#,
            "'a.mp4' was scored as a whole; give ganrm score --sampling window or --clip-rate"
        ),
        (
            #"{"input":"a.h264","logit":1,"kind":"video","clips":[{"logit":1}]}"#,
            "'a.h264' has no score curve: its frames have no time; give their rate to ganrm score by -r"
        ),
        (
            #"{"input":"a","logit":1,"clips":[{"logit":1,"start":3},{"logit":1,"start":2}]}"#,
            "'a' has no score curve: its times go back; are there two inputs of this name?"
        ),
        (
            #"{"input":"a","logit":1,"clips":[{"logit":null,"start":3}]}"#,
            "'a' has no score curve: clip 0 has no logit that is a number"
        ),
        (
            #"{"input":"a","logit":1,"clips":[]}"#,
            "'a' has no score curve: there are no clips in its row"
        ),
    ])
    func `an input without a score curve is reported`(line: String, reason: String) throws {
        let run = try segments(line, row("b.mp4", levels((5, 0), (5, 1))))
        #expect(run.status == 1)
        #expect(run.messages == "ganrm: \(reason)\n")
        #expect(run.lines.count == 3)
        #expect(try JSONValue(parsing: run.lines[0])["error"] == .string(reason))
    }

    @Test(arguments: [
        (
            ["--drop", "1", "--worst", "1"],
            "--drop leaves the worst out, --worst tells of them; use one"
        ),
        (["--best=-1"], "--best is from 0 to 1000000000"),
        (["--min-length", "0"], "--min-length is above 0"),
        (["--penalty", "nan"], "--penalty is above 0"),
        (["--min-score", "2"], "--min-score is from 0 to 1"),
    ])
    func `invalid options are refused`(options: [String], reason: String) throws {
        let run = try CommandRun.ganrm(["segments", "scores.jsonl"] + options)
        #expect(run.status == 2)
        #expect(run.messages.contains(reason))
    }

    @Test func `mixed models and invalid files are refused`() throws {
        let mixed = try segments(
            row("a.mp4", [1]), row("b.mp4", [1]).replacing("f00d", with: "beef"))
        #expect(mixed.status == 3)
        #expect(mixed.messages.contains("scores.jsonl:2: made by default beef"))
        let none = try segments("not json")
        #expect(none.status == 3)
        #expect(none.messages.contains("scores.jsonl:1: not a line of results"))
        #expect(try segments("").messages.contains("has no rows"))
    }

    @Test func `why no stretch is left is told`() throws {
        let frozen = row("a.mp4", [1, 2]).replacing(
            #""indices":[0],"#, with: #""indices":[0],"degenerate":"frozen","#)
        for (options, reason) in [
            (["--worst", "0"], "no segment qualifies: a best one has the score of --min-score"),
            (["--best", "0", "--worst", "0"], "no segment is asked for; see --best and --worst"),
        ] {
            let file = try folder.write(frozen + "\n", to: "scores.jsonl")
            let run = try CommandRun.ganrm(["segments", file] + options)
            #expect(run.status == 3)
            #expect(run.messages.hasPrefix("ganrm: " + reason), "\(run.messages)")
        }
    }
}
