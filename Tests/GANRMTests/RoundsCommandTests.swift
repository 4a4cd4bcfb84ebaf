import Foundation
import JSON
import TestSupport
import Testing

/// `ganrm rounds` from end to end, with a generator of test patterns under noise whose checkpoint is the
/// noise's strength and whose training lowers it.
@Suite struct RoundsCommandTests {
    private let model: TinyModel
    private let media: TestMedia
    private let folder: TemporaryFolder

    init() throws {
        model = try TinyModel()
        media = try TestMedia()
        folder = try TemporaryFolder()
        for i in 0..<6 { try media.video("good/\(i).mp4", frames: 8, seed: i) }
        try folder.write("a cat\na dog\na cow\na pig\n", to: "prompts.txt")
        try folder.write("60\n", to: "base.txt")
        // Notes when it begins and when it ends.
        try folder.write(
            """
            set -eu
            echo "begun $GANRM_ROUND" >> "$GANRM_CONFIG/count.txt"
            strength=$(cat "$GANRM_CHECKPOINT")
            for i in 0 1 2 3; do for k in 0 1 2; do
                ffmpeg -nostdin -v error -y -f lavfi -i "testsrc2=s=64x48:r=8,hue=h=$((i * 70)),\\
            noise=alls=$((strength + 15 * k)):allf=t:all_seed=$((GANRM_SEED * 100 + i * 10 + k))" \\
                    -frames:v 8 -pix_fmt yuv420p -threads 1 -bitexact "$GANRM_OUTPUT/${i}_$k.mp4"
            done; done
            echo "done $GANRM_ROUND" >> "$GANRM_CONFIG/count.txt"
            """, to: "generate.sh")
        try write("rounds.yaml")
    }

    /// The configuration, with some of its lines in place of others.
    private func write(_ name: String, _ changes: (old: String, new: String)...) throws {
        var text = """
            prompts: prompts.txt
            rounds: 2
            state: state
            proxy: "\(media.folder.path("good"))"
            checkpoint: base.txt
            generate:
              command: [sh, generate.sh]
              timeout: 5m
            train:
              command: echo $(( $(cat {checkpoint}) - 20 )) > {new_checkpoint}
              checkpoint: strength.txt
            head: {steps: 40, warm_up_steps: 10}
            bootstrap: {top: 2, bottom: 2}
            encoder: {name: "\(model.encoder)", weights: "\(model.weights)", frames: 4}

            """
        for change in changes {
            try #require(text.contains(change.old))
            text = text.replacingOccurrences(of: change.old, with: change.new)
        }
        try folder.write(text, to: name)
    }

    private func rounds(_ name: String = "rounds.yaml", _ options: String...) throws -> CommandRun {
        try CommandRun.ganrm(["rounds", folder.path(name), "--no-store"] + options)
    }

    /// What the generator noted.
    private func notes() throws -> [String] {
        try folder.text("count.txt").split(separator: "\n").map(String.init)
    }

    /// All files of the rounds but the logs, which tell of every start.
    private func results() throws -> [String: Data] {
        let state = folder.url.appendingPathComponent("state")
        let names = try FileManager.default.subpathsOfDirectory(atPath: state.path)
        var files: [String: Data] = [:]
        for name in names where !name.contains("logs/") && name != "lock" {
            files[name] = try? Data(contentsOf: state.appendingPathComponent(name))
        }
        return files
    }

    @Test func `each round gives a line, and less noise looks better to the first head`() throws {
        let run = try rounds()
        try #require(run.status == 0, "\(run.messages)")
        let rows = try run.lines.map { try JSONValue(parsing: $0) }
        #expect(rows.map { $0["round"] } == [.integer(0), .integer(1), .integer(2)])
        #expect(rows.map { $0["candidates"] } == Array(repeating: .integer(12), count: 3))
        #expect(rows.map { $0["pairs"] } == [.integer(4), .integer(4), .null])
        let scores = rows.compactMap { $0["logit_first"]?.doubleValue }
        #expect(scores == scores.sorted())
        #expect(rows[0]["wins_first"] == .null)
        #expect(try #require(rows[2]["wins_first"]?.doubleValue) > 0.5)
        #expect(try notes().filter { $0.hasPrefix("done") } == ["done 0", "done 1", "done 2"])
        // What the training command wrote: 60 − 20, − 20.
        #expect(try folder.text("state/01/strength.txt") == "20\n")
    }

    /// Of each prompt the first of the ranks is the one for fine-tuning and the chosen one, the last the
    /// rejected one.
    @Test func `lists follow from the ranks`() throws {
        try #require(try rounds().status == 0)
        func rows(_ name: String) throws -> [JSONValue] {
            try folder.text("state/00/\(name)").split(separator: "\n")
                .map { try JSONValue(parsing: $0) }
        }
        let ranks = try rows("ranks.jsonl")
        let (sft, pairs) = (try rows("sft.jsonl"), try rows("pairs.jsonl"))
        #expect(ranks.count == 12)
        for (place, prompt) in ["a cat", "a dog", "a cow", "a pig"].enumerated() {
            let group = ranks.filter { $0["prompt"] == .string(prompt) }
            #expect(group.map { $0["rank"] } == [.integer(1), .integer(2), .integer(3)])
            let logits = group.compactMap { $0["logit"]?.doubleValue }
            #expect(logits == logits.sorted(by: >))
            #expect(sft[place]["input"] == group[0]["input"])
            #expect(pairs[place]["chosen"] == group[0]["input"])
            #expect(pairs[place]["rejected"] == group[2]["input"])
        }
    }

    @Test func `killed at the start of every step, it ends as if nothing had happened`() throws {
        try #require(try rounds().status == 0)
        let expected = try results()
        let steps = try folder.text("state/state.json")
            .components(separatedBy: "\"done\":[\"proxy\",")[1]
            .components(separatedBy: "\"").filter { $0.contains("/") }
        #expect(steps.count == 17)
        for name in ["state", "count.txt"] {
            try FileManager.default.removeItem(atPath: folder.path(name))
        }
        for step in steps {
            let words = step.split(separator: "/")
            try kill(at: "ganrm: round \(words[0]): \(words[1])\n")
        }
        let run = try rounds()
        try #require(run.status == 0, "\(run.messages)")
        #expect(run.lines.count == 3)
        let found = try results()
        #expect(Set(found.keys).symmetricDifference(expected.keys) == [])
        for (name, bytes) in expected { #expect(found[name] == bytes, "\(name)") }
        #expect(try notes().filter { $0.hasPrefix("done") } == ["done 0", "done 1", "done 2"])
    }

    /// Starts a run and kills it as soon as it says something.
    private func kill(at message: String) throws {
        let process = try CommandRun.start(["rounds", folder.path("rounds.yaml"), "--no-store"])
        defer { process.process.waitUntilExit() }
        var text = ""
        while !text.contains(message) {
            let data = process.messages.availableData
            if data.isEmpty { break }
            text += String(decoding: data, as: UTF8.self)
        }
        Foundation.kill(process.process.processIdentifier, SIGKILL)
        #expect(text.contains(message), "\(text)")
    }
}
