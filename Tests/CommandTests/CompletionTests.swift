import Foundation
import Testing
import TestSupport

/// Completions as the shells compute them.
@Suite struct CompletionTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for name in ["ranks.jsonl", "ranks.txt", "ranks.safetensors", "rounds.yaml"] {
            try folder.write("", to: name)
        }
    }

    /// What bash offers for the last word of a line, in a folder with the files above.
    private func offered(_ line: String) throws -> [String] {
        let script = try CommandRun.ganrm(["--generate-completion-script", "bash"])
        try #require(script.status == 0)
        let file = try folder.write(script.output, to: "completion.bash")
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
            .map { "'\($0)'" }.joined(separator: " ")
        let run = try CommandRun(
            URL(fileURLWithPath: "/bin/bash"),
            [
                "-c",
                """
                cd '\(folder.path)'; source '\(file)'
                COMP_LINE='\(line)'; COMP_POINT=${#COMP_LINE}; COMP_WORDS=(\(words))
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                _ganrm ganrm "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
                printf '%s\\n' "${COMPREPLY[@]}"
                """,
            ])
        try #require(run.messages.isEmpty, "\(run.messages)")
        return run.lines.filter { !$0.isEmpty }.sorted()
    }

    @Test(arguments: [
        ("ganrm rep", ["report"]),
        ("ganrm models pu", ["pull"]),
        ("ganrm pairs --export video", ["videoalign", "videodpo"]),
        ("ganrm select --export finetrainers", ["finetrainers", "finetrainers-jsonl"]),
        (
            "ganrm score --encoder clip-vit-base",
            ["clip-vit-base-patch16", "clip-vit-base-patch32"]
        ),
        ("ganrm models pull viclip-base-patch16-", ["viclip-base-patch16-vbench"]),
        ("ganrm score --model ran", ["ranks.safetensors"]),
        ("ganrm report ran", ["ranks.jsonl"]),
        ("ganrm rounds ro", ["rounds.yaml"]),
        ("ganrm score ran", ["ranks.jsonl", "ranks.safetensors", "ranks.txt"]),
        ("ganrm rank x --format t", ["table"]),
        ("ganrm eval --benchmark t2", ["t2vqa"]),
    ])
    func `bash completes names and files by kind`(line: String, expected: [String]) throws {
        #expect(try offered(line) == expected)
    }

    @Test(arguments: ["zsh", "fish"])
    func `other shells accept their script`(shell: String) throws {
        let script = try CommandRun.ganrm(["--generate-completion-script", shell])
        #expect(script.status == 0)
        #expect(script.output.contains("videodpo") && script.output.contains("dinov2-base-patch14"))
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/\(shell)") else { return }
        let file = try folder.write(script.output, to: "completion.\(shell)")
        let run = try CommandRun(URL(fileURLWithPath: "/usr/bin/\(shell)"), ["-n", file])
        #expect(run.status == 0 && run.messages.isEmpty, "\(run.messages)")
    }
}
