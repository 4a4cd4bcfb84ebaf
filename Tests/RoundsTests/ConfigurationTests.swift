import Distances
import Evaluation
import Foundation
import Media
import Pipeline
import Preference
import Reward
import Rounds
import Testing
import TestSupport

@Suite struct ConfigurationTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let minimal = """
        prompts: prompts.txt
        proxy: good
        generate:
          command: [make, "{output}"]

        """

    private func read(_ text: String) throws -> RoundsConfiguration {
        try RoundsConfiguration(path: try folder.write(text, to: "r.yaml"))
    }

    @Test func `defaults are those of the paper`() throws {
        let configuration = try read(Self.minimal)
        // Section 4.1: batch 8, accumulation 2, 500 warm-up steps, bootstrap, 3 videos per prompt.
        #expect(configuration.head == TrainingSettings())
        #expect(configuration.head.batchSize == 8 && configuration.head.accumulation == 2)
        #expect(configuration.head.warmUpSteps == 500)
        #expect(configuration.head.strategy == .bootstrap)
        #expect(configuration.candidates == 3)
        #expect(configuration.pairs.policy == .bestWorst)
    }

    @Test func `paths are relative to the configuration file`() throws {
        let configuration = try read(Self.minimal)
        let root = URL(fileURLWithPath: folder.path).standardizedFileURL.path
        #expect(configuration.prompts == root + "/prompts.txt")
        #expect(configuration.proxy == [root + "/good"])
        #expect(configuration.state == root + "/r.rounds")
        #expect(configuration.workingFolder == root)
    }

    @Test func `settings are read`() throws {
        let configuration = try read(
            Self.minimal + """
                  timeout: 90m
                  resumable: true
                  grid: 3
                  first_number: 1
                train: {command: "train {pairs} {new_checkpoint}", checkpoint: model.ckpt}
                rounds: 5
                head: {steps: 7, warm_up_steps: 3, standardize: true, perturb: 6, degrade: [hflip], parts: true}
                encoder: {motion: 4}
                pairs: {policy: all, min_margin: 0.5, max_per_prompt: 2, export: [videodpo, jsonl]}
                sft: {export: diffsynth}
                evaluate: {shrinkage: ledoit-wolf}
                """)
        #expect(configuration.rounds == 5)
        #expect(configuration.generate.timeout == .seconds(5400))
        #expect(configuration.generate.isResumable)
        #expect(configuration.outputs.grouping.grid == .layout(GridLayout(columns: 3)))
        #expect(configuration.outputs.firstNumber == 1)
        #expect(configuration.train?.command == .shell("train {pairs} {new_checkpoint}"))
        #expect(configuration.head.steps == 7 && configuration.head.standardizesEmbeddings)
        #expect(
            configuration.degradedCopies
                == DegradedCopies(copyCount: 6, filters: ["hflip"], degradesMotion: true))
        #expect(configuration.trainsDegradationPart && configuration.motion == 4)
        #expect(configuration.pairs.maxPairsPerPrompt == 2 && configuration.pairs.minMargin == 0.5)
        #expect(configuration.pairFormats == [.videodpo, .jsonl])
        #expect(configuration.selectionFormats == [.diffsynth])
        #expect(configuration.shrinkage == .ledoitWolf)
    }

    @Test(arguments: [
        ("", nil as Int?, "the file is empty"),
        ("- a\n", 1, "the file is to be a mapping, key: value"),
        ("prompts: p\n", 1, "'proxy' is missing"),
        (minimal + "colour: red\n", 5, "unknown key 'colour'"),
        (minimal + "  colour: red\n", 5, "unknown key 'colour'"),
        (minimal + "ouptut: x\n", 5, "unknown key 'ouptut'; "),
        (minimal + "candidtaes: 4\n", 5, "did you mean 'candidates'?"),
        (minimal + "pairs: {policy: best-wrost}\n", 5, "did you mean 'best-worst'?"),
        (minimal + "evaluate: {metrics: [clipscore, pickscor]}\n", 5, "pickscore"),
        (minimal + "evaluate: {metrics: lpips@alex}\n", 5, "compares pairs"),
        (minimal + "evaluate: {metric_frames: 0}\n", 5, "metric_frames"),
        (minimal + "pairs: {export: [jsonl, videopdo]}\n", 5, "did you mean 'videodpo'?"),
        (minimal + "seed: -1\n", 5, "seed: is to be a whole number from 0"),
        (minimal + "seed: 1\nseed: 2\n", 5, "'seed' comes twice"),
        (minimal + "candidates: 1\n", 5, "candidates: is to be a number from 2 to 100000"),
        (minimal + "rounds: 2\n", 5, "without a training command nothing changes"),
        (minimal + "seed: 9223372036854775807:59\n", 5, "seed: is to be a whole number from 0"),
        (minimal + "rounds: 9223372036854775808\n", 5, "rounds: is to be a number from 1"),
        (minimal + "pairs: {min_margin: .nan}\n", 5, "min_margin: is to be a number from 0"),
        (minimal + "pairs: {max_spread: .inf}\n", 5, "max_spread: is to be a number from 0"),
        (minimal + "pairs: {max_per_prompt: 0}\n", 5, "max_per_prompt: is to be a number from 1"),
        (minimal + "exclude: {max_unfamiliar: .nan}\n", 5, "max_unfamiliar: is to be a number"),
        (minimal + "encoder: {threads: 1025}\n", 5, "threads: is to be a number from 1 to 1024"),
        (minimal + "encoder: {batch: 4097}\n", 5, "batch: is to be a number from 1 to 4096"),
        (minimal + "  timeout: .inf\n", 5, "timeout: is to be a time above 0"),
        (minimal + "head: {steps: many}\n", 5, "steps: is to be a whole number"),
        (minimal + "head:\n  dropout: 2\n", 6, "dropout"),
        (minimal + "head:\n  parts: true\n", 6, "parts: needs degraded copies"),
        (minimal + "head:\n  degrade: gblr=3\n", 6, "degrade: "),
        (minimal + "encoder: {motion: 4}\n", 1, "add 'head.parts'"),
        (minimal + "head: 3\n", 5, "'head' is to be a mapping"),
        (minimal + "pairs: {policy: worst}\n", 5, "policy: is to be one of best-worst, all"),
        (minimal + "  timeout: soon\n", 5, "timeout: is to be a time above 0"),
        (minimal + "  grid: 3x3x3\n", 5, "grid: is to be a number of columns"),
        (minimal + "train: {command: \"run {colour}\"}\n", 5, "there is no placeholder {colour}"),
        (minimal + "train: {command: []}\n", 5, "command: is to be a line for a shell, or a list"),
        (minimal + "train: {command: \"run {checkpoint}\"}\n", 1, "a command uses {checkpoint}"),
        ("prompts: p\nproxy: g\ngenerate: {command: \"x {pairs}\"}\n", 3, "{pairs} is not known"),
        ("prompts: [\n", 2, "did not find expected node content"),
    ])
    func `an invalid setting is refused with its line`(
        text: String, line: Int?, reason: String
    ) throws {
        let error = #expect(throws: RoundsError.self) { try read(text) }
        guard case .configuration(let path, let found, let sentence) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(path.hasSuffix("/r.yaml"))
        #expect(found == line)
        #expect(sentence.contains(reason), "\(sentence)")
    }
}
