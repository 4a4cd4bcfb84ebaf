import Foundation
import Testing
import TestSupport

/// Compares every help screen with `fixtures/help`, the output of `COLUMNS=100 ganrm … --help`;
/// `scripts/help-screens` regenerates the files.
@Suite struct HelpTests {
    static let screens = try? FileManager.default.contentsOfDirectory(
        atPath: Fixture.path("help")
    ).sorted()

    @Test(arguments: try #require(screens))
    func `a help screen matches its golden file`(name: String) throws {
        let words = name.split(separator: ".")[0].split(separator: "-").map(String.init)
        let run = try CommandRun.ganrm(
            words.dropFirst() + ["--help"], environment: ["COLUMNS": "100"])
        #expect(run.status == 0)
        let expected = try String(contentsOf: Fixture.url("help/\(name)"), encoding: .utf8)
        #expect(run.output == expected)
        #expect(run.output.contains("\nEXAMPLES:\n  "))
    }

    /// Examples are to be pasted, so that they are not wrapped.
    @Test(arguments: try #require(screens))
    func `a help screen fits 80 columns`(name: String) throws {
        let words = name.split(separator: ".")[0].split(separator: "-").map(String.init)
        let run = try CommandRun.ganrm(
            words.dropFirst() + ["--help"], environment: ["COLUMNS": "80"])
        let end = try #require(run.output.range(of: "\nEXAMPLES:\n")?.lowerBound)
        let wide = run.output[..<end].split(separator: "\n").filter { $0.count > 80 }
        #expect(wide.isEmpty)
    }

    @Test func `every command has a golden help screen`() throws {
        let screens = Set(try #require(Self.screens))
        func check(_ words: [String]) throws {
            #expect(screens.contains((["ganrm"] + words).joined(separator: "-") + ".txt"))
            let help = try CommandRun.ganrm(words + ["--help"])
            guard let list = help.output.range(of: "\nSUBCOMMANDS:\n")?.upperBound else { return }
            let lines = help.output[list...].split(
                separator: "\n", omittingEmptySubsequences: false)
            for line in lines.prefix(while: { !$0.isEmpty }) where !line.hasPrefix("   ") {
                try check(words + [String(line.split(separator: " ")[0])])
            }
        }
        try check([])
    }

    /// Examples that wait for a connection, or that run an encoder for minutes.
    private static let slow = ["--listen", "--random-weights"]

    @Test(arguments: try #require(screens))
    func `examples can be pasted`(name: String) throws {
        let screen = try String(contentsOf: Fixture.url("help/\(name)"), encoding: .utf8)
        let start = try #require(screen.range(of: "\nEXAMPLES:\n")?.upperBound)
        let folder = try TemporaryFolder()
        for line in screen[start...].split(separator: "\n")
        where !Self.slow.contains(where: line.contains) {
            // Files are missing and no weights are there, which is exit code 3. Code 2 is a usage
            // error.
            let run = try CommandRun(
                URL(fileURLWithPath: "/bin/bash"),
                [
                    "-c",
                    """
                    cd '\(folder.path)'
                    PATH='\(CommandRun.binary.deletingLastPathComponent().path)':$PATH
                    ganrm() { command ganrm "$@" || [ $? -ne 2 ] || echo "usage: $*" >&2; }
                    \(line)
                    """,
                ],
                environment: ["GANRM_HOME": folder.path("home"), "HF_HUB_OFFLINE": "1"])
            #expect(!run.messages.contains("usage: "), "\(line): \(run.messages)")
            #expect(!run.messages.contains("syntax error"), "\(line): \(run.messages)")
        }
    }
}
