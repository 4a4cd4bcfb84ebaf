import Foundation
import Media
import Pipeline
import Reward
import Testing
import TestModels
import TestSupport
import TextFormats
import Training

/// Failed samples on the command line: `ganrm head check`, and exclusion from rankings.
@Suite(.serialized) struct FailureCommandTests {
    /// A trained head with familiarity, shared by all tests.
    private struct Setting: Sendable {
        let model: TinyModel
        let media: TestMedia
        let head: String
        /// Messages of the training.
        let messages: String

        init() throws {
            model = try TinyModel()
            media = try TestMedia(clipsPerSide: 8, frames: 8)
            head = model.folder.path("head.safetensors")
            let training = try CommandRun.ganrm(
                ["train", "-o", head] + Self.training(media) + model.encoderOptions)
            try #require(training.status == 0, "\(training.messages)")
            messages = training.messages
        }

        static func training(_ media: TestMedia) -> [String] {
            ["--proxy", media.folder.path("good"), "--generated", media.folder.path("raw")]
                + ["--steps", "60", "--frames", "4", "--warm-up-steps", "10"]
                + ["--learning-rate", "0.001"]
        }
    }
    private static let setting = Result { try Setting() }

    private let setting: Setting
    private let folder: TemporaryFolder

    init() throws {
        setting = try Self.setting.get()
        folder = try TemporaryFolder()
    }

    private func check(_ options: String...) throws -> CommandRun {
        try CommandRun.ganrm(
            ["head", "check", setting.head] + setting.model.encoderOptions + options)
    }

    @Test func `train uses failures and reports how the head scores them`() throws {
        let record = try #require(RewardModel.load(setting.head).training)
        #expect(record.metrics.failureCount == FailurePattern.inTraining.count)
        #expect(
            setting.messages.contains(" of \(FailurePattern.all.count) failures have logits below ")
        )

        let plain = folder.path("plain.safetensors")
        let run = try CommandRun.ganrm(
            ["train", "-o", plain, "--no-sanity"] + Setting.training(setting.media)
                + setting.model.encoderOptions)
        #expect(run.status == 0, "\(run.messages)")
        #expect(!run.messages.contains("failures"))
        let other = try RewardModel.load(plain)
        #expect(other.training?.metrics.failureCount == 0)
        // Failures do not change familiarity.
        #expect(try other.familiarity == RewardModel.load(setting.head).familiarity)
        #expect(other.familiarity != nil)
    }

    @Test func `a table of failures ends with a summary`() throws {
        let run = try check()
        #expect(run.lines.count == FailurePattern.all.count + 2, "\(run.messages)")
        #expect(run.lines.first?.hasPrefix("failure ") == true)
        #expect(run.lines.first?.hasSuffix("verdict") == true)
        let summary = try #require(run.lines.last)
        #expect(
            summary.replacing(/[0-9]+/, with: "N") == """
                N of N failures have logits below the median proxy sample's; N are excluded by their \
                pixels and N more as unfamiliar; N would win
                """)
        let numbers = summary.matches(of: /[0-9]+/).compactMap { Int($0.output) }
        try #require(numbers.count == 5)
        #expect(numbers[1] == FailurePattern.all.count)
        let winners = run.lines.dropLast().count { $0.hasSuffix("WINS") }
        #expect(numbers[4] == winners)
        #expect(run.status == (winners == 0 ? 0 : 1))
        // Eight plain colours are used in training, four are kept back; one more is green.
        #expect(numbers[2] >= 13)
    }

    @Test func `rows of failures have logits and exclusion`() throws {
        let run = try check("--format", "jsonl")
        let rows = try rows(run)
        #expect(rows.count == FailurePattern.all.count)
        #expect(
            Set(rows.compactMap { $0["failure"]?.stringValue })
                == Set(FailurePattern.all.map(\.name)))
        #expect(rows.allSatisfy { $0["kind"] == .string("video") })
        #expect(
            rows.count { $0["shown"] == .bool(true) } == FailurePattern.inTraining.count)
        let logits = rows.compactMap { $0["logit"]?.doubleValue }
        #expect(logits.count == rows.count && logits == logits.sorted(by: >))
        for row in rows {
            let unfamiliar = try #require(row["unfamiliar"]?.doubleValue)
            #expect((0...100).contains(unfamiliar))
            let isExcluded = row["degenerate"] != .null || unfamiliar > Familiarity.defaultMaximum
            #expect(row["excluded"] == .bool(isExcluded))
        }
        for (name, reason) in [
            ("black", "one colour"), ("white", "one colour"), ("green of YUV", "one colour"),
            ("teal", "one colour"), ("gradient", "no detail"), ("colour bars", "pattern"),
        ] {
            let row = try #require(rows.first { $0["failure"] == .string(name) })
            #expect(row["degenerate"] == .string(reason), "\(name)")
        }
        // The same results from the store.
        #expect(try check("--format", "jsonl").output == run.output)
        #expect(try check("--format", "jsonl", "--no-store").output == run.output)
    }

    @Test func `a page of failures loads nothing`() throws {
        let page = folder.path("failures.html")
        let run = try check("--format", "html", "-o", page)
        #expect(run.output.isEmpty)
        let text = try folder.text("failures.html")
        #expect(!text.contains("http:") && !text.contains("https:") && !text.contains("<script"))
        #expect(text.contains("<td>black</td>") && text.contains("<td>rings</td>"))
        #expect(text.components(separatedBy: "<tr>").count == FailurePattern.all.count + 2)
    }

    /// Videos have degradations of frames and of motion, images only of frames.
    @Test func `head check degrades clips in all kinds, and images in their frames only`() throws {
        let clip = setting.media.folder.path("good/0.mp4")
        let image = folder.path("one.png")
        try FFmpeg.run(["-i", clip, "-frames:v", "1", image])
        let run = try check("--format", "jsonl", "--quiet", "--clips", clip, image)
        let damage = try rows(run).filter { $0["damage"] != nil }
        #expect(
            damage.compactMap { $0["damage"]?.stringValue }
                == Degradation.Kind.allCases.map(\.rawValue))
        for row in damage {
            #expect(row["pairs"] == .integer(row["to"] == .string("frames") ? 6 : 3))
            #expect(0...1 ~= row["right"]?.doubleValue ?? -1)
            #expect(row["shown"] == .bool(false))
        }
        let table = try check("--clips", clip)
        #expect(
            table.lines.last?.hasSuffix(
                "of the pairs of versions of 1 clip, the less damaged one has the higher logit; chance is 0.50"
            ) == true)
        let missing = try check("--clips", folder.path("none.mp4"))
        #expect(missing.messages.contains("none.mp4' does not exist") && missing.status == 3)
    }

    @Test func `a head without familiarity is checked with a warning`() throws {
        let head = try setting.model.untrainedHead()
        let run = try CommandRun.ganrm(
            ["head", "check", head, "--format", "jsonl"] + setting.model.encoderOptions)
        #expect(run.messages.contains("ganrm: warning: the reward model '\(head)' does not know"))
        let rows = try rows(run)
        #expect(rows.allSatisfy { $0["unfamiliar"] == .null })
        let black = try #require(rows.first { $0["failure"] == .string("black") })
        #expect(black["degenerate"] == .string("one colour"))
    }

    /// Generates two candidates with content and a black one.
    private func candidates() throws -> String {
        try setting.media.video("candidates/0001_0.mp4", seed: 1)
        try setting.media.folder.make(
            "candidates/0001_1.mp4", source: "color=black:size=64x48:rate=8",
            "-frames:v 24 -pix_fmt yuv420p")
        try setting.media.video("candidates/0001_2.mp4", seed: 2)
        return setting.media.folder.path("candidates")
    }

    @Test func `a black candidate ranks last, whatever its score`() throws {
        let run = try CommandRun.ganrm(
            ["rank", try candidates(), "--model", setting.head] + ["--max-unfamiliar", "100"]
                + setting.model.encoderOptions)
        #expect(run.status == 0, "\(run.messages)")
        #expect(
            run.messages.contains(
                "ganrm: 1 candidate must not win, whatever the score (one colour 1)\n"))
        let rows = try rows(run)
        #expect(rows.map { $0["rank"]?.integerValue } == [1, 2, 3])
        let last = try #require(rows.last)
        #expect(last["input"]?.stringValue?.hasSuffix("0001_1.mp4") == true)
        #expect(last["degenerate"] == .string("one colour"))
        #expect(last["excluded"] == .string("one colour"))
        #expect(last["margin"] == nil && last["logit"]?.doubleValue != nil)
        #expect(rows.dropLast().allSatisfy { $0["excluded"] == nil && $0["degenerate"] == nil })
    }

    /// Synthetic scores: black has the highest logit, one is unfamiliar, two are eligible.
    private func scores() throws -> String {
        try folder.write(
            """
            {"input":"0001_0.mp4","logit":1,"unfamiliar":20}
            {"input":"0001_1.mp4","logit":9,"unfamiliar":50,"degenerate":"one colour"}
            {"input":"0001_2.mp4","logit":0,"unfamiliar":99.7}
            {"input":"0001_3.mp4","logit":-1,"unfamiliar":99.8}

            """, to: "scores.jsonl")
    }

    private func order(_ options: String...) throws -> [String] {
        let run = try CommandRun.ganrm(["rank", "--scores", scores(), "-q"] + options)
        #expect(run.status == 0 && run.messages.isEmpty, "\(run.messages)")
        return try rows(run).map { row in
            let mark = row["excluded"] == nil ? "" : "!"
            return "\(row["input"]?.stringValue?.dropFirst(5).prefix(1) ?? "?")\(mark)"
        }
    }

    @Test func `options re-admit excluded candidates`() throws {
        #expect(try order() == ["0", "2", "1!", "3!"])
        #expect(try order("--allow-degenerate") == ["1", "0", "2", "3!"])
        #expect(try order("--max-unfamiliar", "100") == ["0", "2", "3", "1!"])
        #expect(
            try order("--allow-degenerate", "--max-unfamiliar", "100") == ["1", "0", "2", "3"])
        #expect(
            try order("--allow-degenerate", "--max-unfamiliar", "50") == ["1", "0", "2!", "3!"])
    }

    @Test func `ranks of excluded candidates can be ranked again`() throws {
        let first = try CommandRun.ganrm(["rank", "--scores", scores(), "-q"])
        let ranks = try folder.write(first.output, to: "ranks.jsonl")
        #expect(try CommandRun.ganrm(["rank", "--scores", ranks, "-q"]).output == first.output)
        let all = try CommandRun.ganrm(
            ["rank", "--scores", ranks, "-q", "--allow-degenerate", "--max-unfamiliar", "100"])
        #expect(try rows(all).map { $0["logit"]?.doubleValue } == [9, 1, 0, -1])
        #expect(try rows(all).allSatisfy { $0["excluded"] == nil })
    }

    @Test func `excluded candidates are neither selected nor chosen`() throws {
        let selected = try CommandRun.ganrm(
            ["select", "--scores", scores(), "--keep", "4", "-q"])
        #expect(
            try rows(selected).map { $0["input"]?.stringValue } == ["0001_0.mp4", "0001_2.mp4"])
        func pairs(_ options: String...) throws -> [String] {
            let run = try CommandRun.ganrm(
                ["pairs", "--scores", scores(), "--policy", "all", "-q"] + options)
            return try rows(run).map {
                "\($0["chosen"]?.stringValue ?? "") \($0["rejected"]?.stringValue ?? "")"
            }
        }
        #expect(try pairs() == ["0001_0.mp4 0001_2.mp4"])
        let rejecting = try pairs("--reject-excluded")
        #expect(rejecting.contains("0001_0.mp4 0001_3.mp4"))
        #expect(rejecting.allSatisfy { !$0.hasPrefix("0001_1") && !$0.hasPrefix("0001_3") })
    }

    @Test func `a percentile out of range is refused`() throws {
        for value in ["-1", "100.5", "nan"] {
            let run = try CommandRun.ganrm(
                ["rank", "--scores", scores(), "--max-unfamiliar=\(value)"])
            #expect(run.status == 2)
            #expect(run.messages.contains("--max-unfamiliar is from 0 to 100"))
        }
    }

    @Test func `score reports unfamiliar and degenerate inputs`() throws {
        let folder = try candidates()
        let run = try CommandRun.ganrm(
            ["score", folder, "--model", setting.head] + setting.model.encoderOptions)
        #expect(run.status == 0 && run.messages.isEmpty, "\(run.messages)")
        let rows = try rows(run)
        #expect(
            rows.map { $0["degenerate"]?.stringValue } == [nil, "one colour", nil])
        for row in rows {
            let unfamiliar = try #require(row["unfamiliar"]?.doubleValue)
            #expect((0...100).contains(unfamiliar))
            let clip = try #require(row["clips"]?.arrayValue?.first)
            #expect(clip["degenerate"] == row["degenerate"])
            #expect(clip["unfamiliar"] == row["unfamiliar"])
        }
        let csv = try CommandRun.ganrm(
            ["score", folder, "--format", "csv", "--model", setting.head]
                + setting.model.encoderOptions
        ).lines.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        let column = try #require(csv.first?.firstIndex(of: "degenerate"))
        #expect(csv.dropFirst().map { $0[column] } == ["", "one colour", ""])
    }
}
