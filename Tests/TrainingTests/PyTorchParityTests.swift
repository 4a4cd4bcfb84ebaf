import Foundation
import Frames
import Reward
import Tensors
import Testing
import TestModels
import TestSupport
import Training

/// Comparison with PyTorch 2.15; `fixtures/training/training.py` explains the tolerances.
@Suite struct PyTorchParityTests {
    @Test(arguments: 0..<10)
    func `the loss matches PyTorch over 200 steps`(run: Int) throws {
        let golden = try TrainingGolden.load().runs[run]
        var trainer = try HeadTrainer(
            settings: golden.settings, training: golden.examples, validation: [])
        let losses = try golden.losses.map { _ in try trainer.step() }
        try #require(losses.count == 200)
        for (ours, theirs) in zip(losses, golden.losses) {
            #expect(abs(ours - theirs) <= 1e-4 * theirs)
        }
        // Logits in evaluation mode, so that the running statistics are compared as well.
        let logits = trainer.head.logits(matrix(golden.examples.map(\.embedding)))
        for (ours, theirs) in zip(logits.elements, golden.logits.joined()) {
            #expect(abs(ours - theirs) <= 1e-3)
        }
    }

    @Test(arguments: 0..<10)
    func `initial weights match the script`(run: Int) throws {
        let golden = try TrainingGolden.load().runs[run]
        let parameters = RewardHead(
            width: golden.width, seed: golden.settings.seed,
            architecture: golden.settings.architecture
        ).parameters
        // The linear head of the script has the other branch with zero weights.
        let weight = parameters["fc1.weight"]?.elements ?? [0, 0, 0]
        let bias = try #require(parameters["out.bias"])
        let ours = weight.prefix(3) + bias.elements
        for (ours, theirs) in zip(ours, golden.firstWeights) {
            #expect(abs(ours - theirs) <= theirs.magnitude.ulp)
        }
    }

    @Test(arguments: 0..<10)
    func `the sample order matches the script`(run: Int) throws {
        let golden = try TrainingGolden.load().runs[run]
        let settings = golden.settings
        let degraded = golden.examples.indices.filter { golden.examples[$0].isDegraded }
        let rest = golden.examples.indices.filter { !golden.examples[$0].isDegraded }
        var order = BatchSampler(
            proxies: rest.filter { $0.isMultiple(of: 3) },
            generated: rest.filter { !$0.isMultiple(of: 3) }, degraded: degraded,
            perBatch: (settings.batchSize, 0, settings.degradedPerBatch), seed: settings.seed)
        for batch in golden.firstBatches {
            var drawn = Array(repeating: 0, count: batch.count)
            order.draw(into: &drawn)
            #expect(drawn == batch)
        }
    }

    @Test(arguments: [5, 6])
    func `averaged checkpoints and their statistics match PyTorch`(run: Int) throws {
        let golden = try TrainingGolden.load().runs[run]
        let averaged = try ensemble(of: golden, .average)
        try #require(averaged.members.count == 1)
        let logits = averaged.members[0].logits(matrix(golden.examples.map(\.embedding)))
        for (ours, theirs) in zip(logits.elements, try #require(golden.averagedLogits).joined()) {
            #expect(abs(ours - theirs) <= 1e-3)
        }
    }

    /// Reference order from SciPy: summed ranks of all checkpoints, ties broken by the mean logit.
    @Test(arguments: [5, 6])
    func `checkpoint votes match SciPy`(run: Int) throws {
        let golden = try TrainingGolden.load().runs[run]
        let voting = try ensemble(of: golden, .voting)
        #expect(voting.members.count == golden.settings.checkpoints && voting.isVoting)
        let scores = voting.scores(of: golden.examples)
        for (index, score) in scores.enumerated() {
            let mean = try #require(golden.meanLogits)[index]
            #expect(abs(score.logit - mean) <= 1e-3)
            let spread = try #require(score.logitSpread)
            #expect(abs(spread - (try #require(golden.spread))[index]) <= 1e-3)
        }
        #expect(voting.order(scores) == golden.order)
    }

    private func ensemble(
        of golden: TrainingGolden.Run, _ strategy: TrainingStrategy
    ) throws -> HeadEnsemble {
        var settings = golden.settings
        settings.strategy = strategy
        var trainer = try HeadTrainer(
            settings: settings, training: golden.examples, validation: [])
        return try trainer.run().ensemble
    }

    @Test func `a head saved by PyTorch gives PyTorch's logits`() throws {
        let golden = try TrainingGolden.load().runs[0]
        let head = try RewardHead.load(Fixture.path("training/head.safetensors"))
        let logits = head.logits(matrix(golden.examples.map(\.embedding)))
        try #require(logits.shape == [golden.count, 2])
        for (ours, theirs) in zip(logits.elements, golden.logits.joined()) {
            #expect(abs(ours - theirs) <= 1e-5)
        }
    }

    /// Runs only if `GANRM_TEST_PYTHON` is a Python interpreter with torch and safetensors.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["GANRM_TEST_PYTHON"] != nil))
    func `PyTorch loads a saved head with strict=True and gives the same logits`() throws {
        let python = try #require(ProcessInfo.processInfo.environment["GANRM_TEST_PYTHON"])
        let folder = try TemporaryFolder()
        let golden = try TrainingGolden.load().runs[1]
        var settings = golden.settings
        settings.steps = 100
        var trainer = try HeadTrainer(
            settings: settings, training: golden.examples, validation: [])
        let ensemble = try trainer.run().ensemble
        let head = ensemble.members[0]
        let model = try RewardModel(
            ensemble: ensemble, encoders: [.video: identity(width: golden.width)])
        let embeddings = matrix(golden.examples.map(\.embedding))
        try model.write(to: folder.path("head.safetensors"))
        try Safetensors.write(
            ["embeddings": embeddings, "logits": head.logits(embeddings)],
            to: folder.path("values.safetensors"))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [
            Fixture.path("training/check_head.py"),
            folder.path("head.safetensors"), folder.path("values.safetensors"),
        ]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
