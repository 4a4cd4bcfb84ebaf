import Foundation
import Testing
import TestModels
import TestSupport
import TextFormats

/// Progress, messages and interruptions as a person sees them, on a terminal.
@Suite(.serialized) struct TerminalTests {
    private let setting: ScoringFixture
    private let folder: TemporaryFolder

    init() throws {
        setting = try ScoringFixture.shared.get()
        folder = try TemporaryFolder()
    }

    private var good: String { setting.media.folder.path("good") }

    private func terminal(
        _ arguments: [String], columns: Int = 100, showsOutput: Bool = true,
        environment: [String: String] = [:]
    ) throws -> PseudoTerminal {
        try PseudoTerminal(
            CommandRun.binary, arguments, columns: columns, showsOutput: showsOutput,
            environment: ["GANRM_HOME": folder.path("home"), "NO_COLOR": "1"].merging(environment) {
                $1
            })
    }

    /// A named pipe, at which a command waits after its other inputs.
    private func pipe() throws -> String {
        let path = folder.path("wait.mkv")
        try #require(mkfifo(path, 0o600) == 0)
        return path
    }

    private func score(
        _ arguments: [String], columns: Int = 100, showsOutput: Bool = true,
        environment: [String: String] = [:]
    ) throws -> PseudoTerminal {
        try terminal(
            ["score"] + arguments + setting.options + ["--batch", "1"], columns: columns,
            showsOutput: showsOutput, environment: environment)
    }

    @Test func `the bar stays on the last line while rows are printed above it`() throws {
        let run = try score([good, try pipe(), "--format", "table"])
        try run.wait(for: "six rows and the bar") { $0.contains("6/7") && $0.contains("5.mp4") }
        let screen = run.screen
        let last = try #require(screen.last)
        #expect(last.contains("85%  [") && last.contains("6/7"), "\(screen)")
        #expect(
            screen.dropLast().count == 7 && screen.dropLast().allSatisfy { !$0.contains("6/7") })
        #expect(last.count < 100)
        // After the first bar, every row comes with the bar in the same write.
        let rows = run.text.components(separatedBy: "\n").dropFirst(2)
        #expect(rows.allSatisfy { $0.hasPrefix("\r") }, "\(run.text)")
    }

    @Test func `the bar follows the width of the window`() throws {
        let run = try score([good, try pipe(), "-o", folder.path("o.jsonl")], columns: 120)
        try run.wait(for: "the bar") { $0.contains("6/7") }
        #expect(run.screen.last?.hasSuffix("5.mp4") == true)
        run.resize(columns: 40)
        try run.wait(for: "a shorter bar") { _ in (run.screen.last?.count ?? 0) < 40 }
        // The terminal shows the longer one on several rows, which are erased.
        #expect(run.text.contains(#/\u{1b}\[[12]A\r\u{1b}\[J/#), "\(run.text)")
        #expect(run.screen.last?.contains("6/7") == true)
    }

    /// `\r\u{1b}[K` erases the bar; where it is only redrawn, it stands behind its text.
    @Test(arguments: [(" > rows", false), ("", true)])
    func `the bar stays unless readers of the rows write to the terminal`(
        target: String, isErased: Bool
    ) throws {
        let command = try (["score", good, pipe(), "--batch", "1"] + setting.options)
            .map { "'\($0)'" }.joined(separator: " ")
        let run = try PseudoTerminal(
            URL(fileURLWithPath: "/bin/bash"),
            [
                "-c",
                "cd '\(folder.path)'; '\(CommandRun.binary.path)' \(command) | cat | cat\(target)",
            ],
            columns: 100, environment: ["GANRM_HOME": folder.path("home"), "NO_COLOR": "1"])
        try run.wait(for: "the bar") { $0.contains("6/7") }
        #expect(run.text.contains("\r\u{1b}[K") == isErased, "\(run.text)")
        #expect(run.text.contains("\"input\":") == isErased)
    }

    @Test func `a failure at the beginning says nothing of the time left`() throws {
        let run = try score(["missing.mp4", try pipe(), "-o", folder.path("o.jsonl")])
        try run.wait(for: "the bar") { $0.contains("1/2") && $0.contains("0:02") }
        #expect(!run.text.contains("left") && !run.text.contains("inputs/s"), "\(run.text)")
    }

    @Test func `a closing line has counts, scores and time`() throws {
        let run = try score([good, "missing.mp4", "--format", "table"])
        #expect(run.finish() == 1)
        let line = try #require(run.screen.last { !$0.isEmpty })
        #expect(
            line.contains(
                #/^ganrm: 6 scored, 1 failed; 0:\d\d, .*input.*; mean score 0\.\d{4}, best 0\.\d{4}: /#
            ),
            "\(run.screen)")
        #expect(!run.screen.contains { $0.contains("7/7") })
    }

    @Test(arguments: [["TERM": "dumb"], ["TERM": ""]])
    func `a dumb terminal gets no control sequences`(environment: [String: String]) throws {
        let run = try score([good, "missing.mp4"], environment: environment)
        #expect(run.finish() == 1)
        #expect(!run.text.contains("\u{1b}") && !run.text.contains("7/7"))
    }

    @Test(arguments: [
        ([], ["NO_COLOR": ""], true), ([], ["NO_COLOR": "1"], false),
        (["--color", "always"], ["NO_COLOR": "1"], true),
        (["--color", "never"], ["NO_COLOR": ""], false),
        ([], ["NO_COLOR": "", "TERM": "dumb", "CLICOLOR_FORCE": "1"], true),
    ])
    func `colours are a choice`(
        options: [String], environment: [String: String], hasColors: Bool
    ) throws {
        // The message of a row that is shown on the same terminal would repeat it.
        let run = try score(
            ["missing.mp4", "-o", folder.path("o.jsonl")] + options, environment: environment)
        _ = run.finish()
        #expect(run.text.contains("\u{1b}[31mganrm:") == hasColors, "\(run.text)")
    }

    @Test func `quiet shows neither bar nor closing line`() throws {
        let run = try score([good, "-q", "-o", folder.path("q.jsonl")])
        #expect(run.finish() == 0)
        #expect(run.text == "")
    }

    @Test func `both sides of a training are named`() throws {
        let run = try terminal(
            [
                "train", "--proxy", good, "--generated", setting.media.folder.path("raw"), "-o",
                folder.path("h.safetensors"), "--steps", "20", "--frames", "4",
            ] + setting.model.encoderOptions)
        #expect(run.finish() == 0)
        for label in ["proxy  ", "generated  ", "failure samples  ", "training  "] {
            #expect(run.text.contains("\r\(label)"), "\(run.text)")
        }
        #expect(run.text.contains("20/20") && run.text.contains("loss "))
        #expect(run.text.contains(#/failure samples +\d+%  \[[=> ]+\] +\d+\/\d\d/#), "\(run.text)")
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `an interruption says what happens and how to go on`(signal: Int32) throws {
        let output = folder.path("out.jsonl")
        let run = try score([good, try pipe(), "-o", output], showsOutput: false)
        try run.wait(for: "the bar") { $0.contains("6/7") }
        run.send(signal)
        #expect(run.finish() == 130)
        #expect(
            run.screen.contains(
                "ganrm: stopping after this batch; press Ctrl-C again to stop at once"))
        #expect(
            run.screen.contains {
                $0.hasPrefix("ganrm: interrupted after") && $0.contains("'\(output)'")
                    && $0.contains("--resume")
            }, "\(run.screen)")
        let lines = try String(contentsOfFile: output, encoding: .utf8)
        #expect(lines.hasSuffix("\n"))
        for line in lines.split(separator: "\n") { _ = try JSONValue(parsing: line) }
    }

    @Test func `a second interruption ends the process at once`() throws {
        let rows = folder.path("rows.jsonl")
        try #require(mkfifo(rows, 0o600) == 0)
        // The command waits for rows, which is the one step that it has begun.
        let run = try terminal(["eval", "--scores", rows])
        var descriptor: CInt = -1
        while descriptor < 0 && run.process.isRunning {
            descriptor = open(rows, O_WRONLY | O_NONBLOCK)
            usleep(10_000)
        }
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        run.send(SIGINT)
        try run.wait(for: "the first message") { $0.contains("stop at once") }
        #expect(run.process.isRunning)
        run.send(SIGTERM)
        #expect(run.finish() == 130)
    }
}
