import Encoders
import Foundation
import Pipeline
import Reward
import Tensors
import Testing
import TestModels
import TestSupport
import TextFormats

/// `ganrm rounds` end to end. The generator makes test patterns with noise; its checkpoint is the
/// noise strength, which training lowers.
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
        // The generator logs its start and end.
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

    /// Writes the configuration with text replacements.
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

    /// Lines of the generator's log.
    private func notes() throws -> [String] {
        try folder.text("count.txt").split(separator: "\n").map(String.init)
    }

    /// All result files of the rounds. Logs are left out, since they record every start.
    private func results() throws -> [String: Data] {
        let state = folder.url.appendingPathComponent("state")
        let names = try FileManager.default.subpathsOfDirectory(atPath: state.path)
        var files: [String: Data] = [:]
        for name in names where !name.contains("logs/") && name != "lock" {
            files[name] = try? Data(contentsOf: state.appendingPathComponent(name))
        }
        return files
    }

    @Test func `each round gives a row, and the first head scores less noise higher`() throws {
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
        // The training command subtracts 20 per round: 60, 40, 20.
        #expect(try folder.text("state/01/strength.txt") == "20\n")
    }

    /// Degraded copies are used for the damage part and are not counted as candidates.
    @Test func `heads of rounds have parts if configured`() throws {
        try write(
            "parts.yaml", ("{steps: 40,", "{perturb: 6, parts: true, steps: 40,"),
            ("frames: 4}", "frames: 8, taps: [2], motion: 1}"))
        let run = try rounds("parts.yaml")
        try #require(run.status == 0, "\(run.messages)")
        let rows = try run.lines.map { try JSONValue(parsing: $0) }
        #expect(rows.map { $0["candidates"] } == Array(repeating: .integer(12), count: 3))
        #expect(rows.allSatisfy { $0["frechet"]?.doubleValue?.isFinite == true })
        for (round, originalCount) in [("00", 6), ("01", 6)] {
            let head = try RewardModel.load(folder.path("state/\(round)/head.safetensors"))
            #expect(head.degradation?.motion != nil)
            // Half of the prompts are for bootstrapping; their candidates are no negatives and have
            // no copies.
            let copies = try EmbeddingSet(path: folder.path("state/\(round)/copies.safetensors"))
            #expect(Set(copies.inputs.compactMap { $0["of"]?.stringValue }).count == originalCount)
            #expect(copies.inputs.count == 6 * originalCount)
        }
        let ranks = try folder.text("state/00/ranks.jsonl").split(separator: "\n")
        #expect(ranks.count == 12)
    }

    /// For each prompt the best candidate is selected and chosen, the worst is rejected.
    @Test func `selections and pairs follow from the ranks`() throws {
        try #require(try rounds().status == 0)
        func rows(_ name: String) throws -> [JSONValue] {
            try folder.text("state/00/\(name)").split(separator: "\n")
                .map { try JSONValue(parsing: $0) }
        }
        let ranks = try rows("ranks.jsonl")
        let (sft, pairs) = (try rows("sft.jsonl"), try rows("pairs.jsonl"))
        #expect(ranks.count == 12)
        for (index, prompt) in ["a cat", "a dog", "a cow", "a pig"].enumerated() {
            let group = ranks.filter { $0["prompt"] == .string(prompt) }
            #expect(group.map { $0["rank"] } == [.integer(1), .integer(2), .integer(3)])
            let logits = group.compactMap { $0["logit"]?.doubleValue }
            #expect(logits == logits.sorted(by: >))
            #expect(sft[index]["input"] == group[0]["input"])
            #expect(pairs[index]["chosen"] == group[0]["input"])
            #expect(pairs[index]["rejected"] == group[2]["input"])
        }
    }

    @Test func `a run killed at the start of every step resumes with the same results`() throws {
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

    /// With a model of a home of its own, and with distances from the proxy data.
    @Test func `metrics of a round are those of the command for its outputs`() throws {
        let home = ["GANRM_HOME": folder.path("home")]
        func ganrm(_ arguments: [String]) throws -> CommandRun {
            let run = try CommandRun.ganrm(arguments, environment: home)
            try #require(run.status == 0, "\(run.messages)")
            return run
        }
        try write(
            "metrics.yaml", ("rounds: 2", "rounds: 1"),
            (
                "bootstrap:",
                "evaluate: {metrics: [opennsfw, temporal_flickering, fid, kid], metric_frames: 2}\nbootstrap:"
            ))
        let arguments = ["rounds", folder.path("metrics.yaml"), "--no-store"]
        let missing = try CommandRun.ganrm(arguments, environment: home)
        #expect(missing.status == 3 && !missing.messages.contains("proxy data"))
        for model in ["open-nsfw", "inception-v3-fid"] {
            #expect(missing.messages.contains("ganrm models pull \(model)"), "\(missing.messages)")
        }
        let inception = folder.path("inception.safetensors")
        try Safetensors.write(
            stored: ConvolutionalWeights.file(.inceptionV3).tensors, to: inception)
        _ = try ganrm(["models", "import", "inception-v3-fid", inception])
        _ = try ganrm(["models", "import", "open-nsfw", Fixture.fetched("open-nsfw.onnx")])

        let run = try ganrm(arguments)
        #expect(run.messages.contains("kid: there is no distance to take"))
        let rounds = try run.lines.map { try JSONValue(parsing: $0) }
        #expect(rounds.count == 2)
        for (index, round) in rounds.enumerated() {
            let outputs = folder.path("state/0\(index)/outputs")
            let command = try ganrm([
                "metrics", outputs, "--metrics", "opennsfw,temporal_flickering,fid", "--frames",
                "2", "--reference", media.folder.path("good"), "--format", "json", "--prompt",
                "one", "--no-store",
            ])
            let expected = try #require(
                JSONValue(parsing: command.lines.joined(separator: "\n"))["metrics"])
            let metrics = try #require(round["metrics"])
            #expect(
                metrics.members?.map(\.key) == ["opennsfw", "temporal_flickering", "fid", "kid"])
            for (name, key) in [
                ("opennsfw", "mean"), ("temporal_flickering", "mean"), ("fid", "value"),
            ] {
                let value = try #require(metrics[name]?["value"]?.doubleValue)
                #expect(value == expected[name]?[key]?.doubleValue)
            }
            #expect(metrics["kid"]?["value"] == .null)
            #expect(metrics["opennsfw"]?["low"]?.doubleValue != nil)
            let rows = try folder.text("state/0\(index)/metrics.jsonl").split(separator: "\n")
            #expect(rows.count == 12)
            #expect(try JSONValue(parsing: String(rows[0]))["prompt"] == "a cat")
        }
        // The noise is less in each round.
        let flickering = rounds.compactMap {
            $0["metrics"]?["temporal_flickering"]?["value"]?.doubleValue
        }
        #expect(flickering == flickering.sorted())
        let table = try ganrm(arguments + ["--format", "table"])
        #expect(table.lines[1].hasSuffix("opennsfw  temporal_flickering        fid        kid"))
    }

    @Test func `a failing command is reported with its last lines`() throws {
        try write(
            "failing.yaml",
            ("command: [sh, generate.sh]", "command: 'echo out of memory >&2; exit 7'"))
        let run = try rounds("failing.yaml")
        #expect(run.status == 3)
        #expect(
            run.messages.contains(
                "round 0: generate: the command failed with exit code 7; its output is in '"))
        #expect(run.messages.contains("ends with:\n  out of memory\n"))
        try FileManager.default.removeItem(atPath: folder.path("state"))
        try write("killed.yaml", ("command: [sh, generate.sh]", "command: 'kill -SEGV $$'"))
        let killed = try rounds("killed.yaml")
        #expect(killed.messages.contains("was ended by signal 11 (Segmentation fault)"))
        try FileManager.default.removeItem(atPath: folder.path("state"))
        try write("missing.yaml", ("command: [sh, generate.sh]", "command: [no-such-program]"))
        let missing = try rounds("missing.yaml").messages
        #expect(missing.contains("generate: there is no program 'no-such-program'"), "\(missing)")
        #expect(!missing.contains("proxy data"))
        try FileManager.default.removeItem(atPath: folder.path("state"))
        try write("unknown.yaml", ("command: [sh, generate.sh]", "command: 'no-such-program'"))
        #expect(try rounds("unknown.yaml").messages.contains("was not found (exit code 127)"))
    }

    @Test func `a command is stopped at its timeout with all its child processes`() throws {
        try write(
            "slow.yaml",
            (
                "command: [sh, generate.sh]",
                "command: 'sleep 1000 & echo $! > sleeping.txt; wait'"
            ), ("timeout: 5m", "timeout: 0.5s"))
        let run = try rounds("slow.yaml")
        #expect(run.status == 3)
        #expect(run.messages.contains("was stopped after 0.5 seconds, its timeout"))
        let sleeping = try #require(Int32(try folder.text("sleeping.txt").dropLast()))
        #expect(!Self.isRunning(sleeping))
    }

    @Test func `commands are stopped if ganrm is killed`() throws {
        try write(
            "slow.yaml",
            ("command: [sh, generate.sh]", "command: 'echo $$ > sleeping.txt; sleep 1000'"))
        let run = try CommandRun.start(["rounds", folder.path("slow.yaml"), "--no-store"])
        var sleeping: Int32?
        while sleeping == nil {
            sleeping = (try? folder.text("sleeping.txt")).flatMap { Int32($0.dropLast()) }
            usleep(10_000)
        }
        Foundation.kill(run.process.processIdentifier, SIGKILL)
        run.process.waitUntilExit()
        // The next run gets the lock when the last child process has exited.
        try write("other.yaml", ("command: [sh, generate.sh]", "command: exit 9"))
        try FileManager.default.removeItem(atPath: folder.path("state/state.json"))
        #expect(try rounds("other.yaml").messages.contains("failed with exit code 9"))
        #expect(!Self.isRunning(try #require(sleeping)))
    }

    @Test func `two runs cannot use the same state folder`() throws {
        try write("slow.yaml", ("command: [sh, generate.sh]", "command: 'sleep 1000'"))
        let first = try CommandRun.start(["rounds", folder.path("slow.yaml"), "--no-store"])
        while !FileManager.default.fileExists(atPath: folder.path("state/00/logs")) {
            usleep(10_000)
        }
        let second = try rounds("slow.yaml")
        #expect(second.status == 3)
        #expect(
            second.messages.contains(
                "another run works on '\(folder.path("state"))' (process "
                    + "\(first.process.processIdentifier))"))
        Foundation.kill(first.process.processIdentifier, SIGINT)
        first.process.waitUntilExit()
        #expect(first.process.terminationStatus == 130)
    }

    @Test func `changed settings are refused by name, more rounds are accepted`() throws {
        try #require(try rounds().status == 0)
        try write("other.yaml", ("steps: 40", "steps: 41"))
        let other = try rounds("other.yaml")
        #expect(other.status == 3)
        #expect(other.messages.contains("other settings: head.steps was 40, is 41; give them back"))
        let before = try results()
        try write("longer.yaml", ("rounds: 2", "rounds: 3"))
        let longer = try rounds("longer.yaml")
        try #require(longer.status == 0, "\(longer.messages)")
        #expect(longer.lines.count == 4)
        let after = try results()
        #expect(after["01/ranks.jsonl"] == before["01/ranks.jsonl"])
        #expect(after["02/ranks.jsonl"] != nil)
        #expect(
            try notes().filter { $0.hasPrefix("done") } == ["done 0", "done 1", "done 2", "done 3"])
    }

    /// Expected commands by hand, with the placeholders of each round filled in.
    @Test func `a dry run prints commands without running them`() throws {
        let run = try rounds("rounds.yaml", "--dry-run")
        #expect(run.status == 0, "\(run.messages)")
        let state = folder.path("state")
        #expect(
            run.lines == [
                "# 2 rounds of 4 prompts, 3 candidates each, in \(state)",
                "cd \(folder.path)",
                "# round 0: generate, at most 300 s", "sh generate.sh",
                "# round 0: encode, head, rank, export, evaluate", "# round 0: train",
                "/bin/sh -c 'echo $(( $(cat \(folder.path("base.txt"))) - 20 )) > "
                    + "\(state)/00/strength.txt'",
                "# round 1: generate, at most 300 s", "sh generate.sh",
                "# round 1: encode, head, rank, export, evaluate", "# round 1: train",
                "/bin/sh -c 'echo $(( $(cat \(state)/00/strength.txt) - 20 )) > "
                    + "\(state)/01/strength.txt'",
                "# round 2: generate, at most 300 s", "sh generate.sh",
                "# round 2: encode, look",
            ])
        #expect(!FileManager.default.fileExists(atPath: state))
        try write(
            "missing.yaml", ("checkpoint: base.txt", "checkpoint: none.txt"),
            ("[sh, generate.sh]", "[no-such-program, scripts/none.py]"))
        let missing = try rounds("missing.yaml", "--dry-run")
        #expect(missing.status == 3)
        for message in [
            "ganrm: the checkpoint '\(folder.path("none.txt"))' is not there",
            "ganrm: generate: there is no program 'no-such-program'",
            "ganrm: generate: the file 'scripts/none.py' is not there",
        ] { #expect(missing.messages.contains(message + "\n")) }
    }

    /// The flags are those of VideoCrafter's `scripts/run_text2video.sh` and of VideoDPO's
    /// `configs/vc2_dpo/run.sh`. Files that `--dry-run` checks are created empty.
    @Test func `the example for VideoCrafter and VideoDPO is complete`() throws {
        let example = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../examples/videocrafter/rounds.yaml").standardized
        try folder.write(try Data(contentsOf: example), to: "vc/rounds.yaml")
        try folder.write("a cat\na dog\n", to: "vc/prompts.txt")
        try folder.write("", to: "vc/VideoCrafter/checkpoints/base_512_v2/model.ckpt")
        try folder.write("", to: "vc/proxy/good.mp4")
        let run = try rounds("vc/rounds.yaml", "--dry-run")
        #expect(run.status == 0, "\(run.messages)")
        let root = folder.path("vc")
        let commands = run.lines.filter { $0.hasPrefix("/bin/sh") }
        #expect(commands.count == 5)
        #expect(
            commands[0].contains(
                """
                python3 scripts/evaluation/inference.py --seed 123 --mode base --ckpt_path \
                \(root)/VideoCrafter/checkpoints/base_512_v2/model.ckpt --config \
                configs/inference_t2v_512_v2.0.yaml --savedir \(root)/rounds.rounds/00/outputs \
                --n_samples 3
                """))
        #expect(
            commands[3].contains(
                "model.pretrained_checkpoint=\(root)/rounds.rounds/00/model.ckpt "
                    + "data.params.train.params.data_root="
                    + "\(root)/rounds.rounds/01/exports/videodpo/train_data.yaml"))
        #expect(commands[4].contains("--ckpt_path \(root)/rounds.rounds/02/model.ckpt"))
    }

    /// Whether a process is running; a zombie has ended.
    private static func isRunning(_ id: Int32) -> Bool {
        let text = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)
        return text.map { !$0.contains("State:\tZ") } ?? false
    }

    /// Starts a run and kills it as soon as it prints a message.
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
