import Foundation
import Testing
import TestModels
import TestSupport

/// Names and numbers of strangers in what the commands print.
@Suite struct HostileNameTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// ESC, a line feed with a forged message, a carriage return, C1's CSI, and an override.
    private static let name = "a\u{1b}[2J\nganrm: all is well\r\u{9b}31m\u{202e}.mp4"

    private func isPlain(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            scalar == "\n" || scalar.value >= 0xa0 && scalar != "\u{202e}"
                || (0x20..<0x7f).contains(scalar.value)
        }
    }

    @Test(arguments: [["score", "--no-store"], ["score", "--no-store", "--format", "table"]])
    func `a name cannot control the terminal`(command: [String]) throws {
        let model = try TinyModel()
        let path = try folder.write("no video", to: Self.name)
        let run = try CommandRun.ganrm(
            command + [path, "--model", try model.untrainedHead()] + model.encoderOptions)
        #expect(run.status == 3)
        for text in [run.messages, run.output] {
            #expect(isPlain(text), "\(text.debugDescription)")
            #expect(!text.contains("\nganrm: all is well"))
        }
        #expect(run.messages.contains(#"a\u001b[2J\nganrm: all is well\r"#))
    }

    @Test(arguments: ["1e300", "-1e39"])
    func `a logit beyond single precision is refused by its line`(logit: String) throws {
        let rows = try folder.write(
            #"""
            {"input":"a_0.mp4","score":0.5,"logit":0.1}
            {"input":"a_1.mp4","score":0.5,"logit":\#(logit)}

            """#, to: "rows.jsonl")
        for command in ["rank", "select", "pairs"] {
            let run = try CommandRun.ganrm([command, "--scores", rows])
            #expect(run.status == 3)
            #expect(run.output == "")
            #expect(run.messages.contains("rows.jsonl:2: no logit that is a number up to 1e38"))
        }
    }

    @Test func `a head with logits that overflow gives error rows`() throws {
        let model = try TinyModel()
        let media = try TestMedia()
        let video = try media.video("clip.mkv", frames: 19)
        let options = ["--model", try model.overflowingHead()] + model.encoderOptions
        for command in [["score"], ["score", "--per", "clip", "--sampling", "window"], ["rank"]] {
            let run = try CommandRun.ganrm(command + [video, "--no-store"] + options)
            #expect(run.status == 3)
            #expect(!run.output.contains("null") && !run.output.contains(":inf"))
            #expect(run.output.contains("which is no number up to 1e+38"), "\(run.output)")
            // Each clip when it is scored, then the input.
            if command.contains("clip") {
                #expect(
                    run.lines.dropLast().allSatisfy { $0.contains(#""start":"#) }, "\(run.output)")
                #expect(run.lines.count > 1)
            }
        }
    }

    @Test(arguments: [
        ["--help"], ["--version"], ["models", "list"], ["score", "--help"], ["store", "info"],
    ])
    func `output that cannot be written is an error`(arguments: [String]) throws {
        let command = ([CommandRun.binary.path] + arguments).joined(separator: " ")
        let run = try CommandRun(
            URL(fileURLWithPath: "/bin/sh"), ["-c", "\(command) > /dev/full"],
            environment: ["GANRM_HOME": folder.path])
        #expect(run.status == 3)
        #expect(run.messages.contains("cannot write 'standard output'"), "\(run.messages)")
    }
}
