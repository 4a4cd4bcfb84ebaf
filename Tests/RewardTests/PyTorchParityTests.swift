import Foundation
import Frames
import Media
import Reward
import Tensors
import TestSupport
import Testing

/// Against PyTorch 2.15's values: Golden/training.py, whose head says where tolerances come from.
@Suite struct PyTorchParityTests {
    @Test(arguments: 0..<10)
    func `the loss follows PyTorch's over 200 steps`(run: Int) throws {
        let golden = try Golden.load().runs[run]
        var trainer = try HeadTrainer(
            settings: golden.settings, training: golden.examples, validation: [])
        let losses = try golden.losses.map { _ in try trainer.step() }
        try #require(losses.count == 200)
        for (ours, theirs) in zip(losses, golden.losses) {
            #expect(abs(ours - theirs) <= 1e-4 * theirs)
        }
        // The head in evaluation mode, so that the running statistics are compared too.
        let logits = trainer.head.logits(matrix(golden.examples.map(\.embedding)))
        for (ours, theirs) in zip(logits.elements, golden.logits.joined()) {
            #expect(abs(ours - theirs) <= 1e-3)
        }
    }

    @Test(arguments: 0..<10)
    func `weights start as the script draws them`(run: Int) throws {
        let golden = try Golden.load().runs[run]
        let parameters = RewardHead(
            width: golden.width, seed: golden.settings.seed,
            architecture: golden.settings.architecture
        ).parameters
        // The script's linear head has a branch, of zeros.
        let weight = parameters["fc1.weight"]?.elements ?? [0, 0, 0]
        let bias = try #require(parameters["out.bias"])
        let ours = weight.prefix(3) + bias.elements
        for (ours, theirs) in zip(ours, golden.firstWeights) {
            #expect(abs(ours - theirs) <= theirs.magnitude.ulp)
        }
    }

    @Test(arguments: 0..<10)
    func `examples are drawn as the script draws them`(run: Int) throws {
        let golden = try Golden.load().runs[run]
        let settings = golden.settings
        let perturbed = golden.examples.indices.filter { golden.examples[$0].isPerturbed }
        let rest = golden.examples.indices.filter { !golden.examples[$0].isPerturbed }
        var order = SampleOrder(
            proxies: rest.filter { $0.isMultiple(of: 3) },
            generated: rest.filter { !$0.isMultiple(of: 3) }, perturbed: perturbed,
            perBatch: (settings.batchSize, 0, settings.perturbedPerBatch), seed: settings.seed)
        for batch in golden.firstBatches {
            var drawn = Array(repeating: 0, count: batch.count)
            order.draw(into: &drawn)
            #expect(drawn == batch)
        }
    }

    @Test(arguments: [5, 6])
    func `averaged checkpoints and their statistics are PyTorch's`(run: Int) throws {
        let golden = try Golden.load().runs[run]
        let averaged = try ensemble(of: golden, .average)
        try #require(averaged.members.count == 1)
        let logits = averaged.members[0].logits(matrix(golden.examples.map(\.embedding)))
        for (ours, theirs) in zip(logits.elements, try #require(golden.averagedLogits).joined()) {
            #expect(abs(ours - theirs) <= 1e-3)
        }
    }

    /// Votes counted by SciPy: ranks of every checkpoint, summed, ties by the mean logit.
    @Test(arguments: [5, 6])
    func `checkpoints vote as their ranks say`(run: Int) throws {
        let golden = try Golden.load().runs[run]
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
        of golden: Golden.Run, _ strategy: TrainingStrategy
    ) throws -> HeadEnsemble {
        var settings = golden.settings
        settings.strategy = strategy
        var trainer = try HeadTrainer(
            settings: settings, training: golden.examples, validation: [])
        return try trainer.run().ensemble
    }

    @Test func `a head that PyTorch wrote gives PyTorch's logits`() throws {
        let golden = try Golden.load().runs[0]
        let head = try RewardHead.load(
            Golden.folder.appendingPathComponent("head.safetensors").path)
        let logits = head.logits(matrix(golden.examples.map(\.embedding)))
        try #require(logits.shape == [golden.count, 2])
        for (ours, theirs) in zip(logits.elements, golden.logits.joined()) {
            #expect(abs(ours - theirs) <= 1e-5)
        }
    }

    /// Runs where `GANRM_TEST_PYTHON` names a Python that has torch and safetensors.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["GANRM_TEST_PYTHON"] != nil))
    func `PyTorch loads our head strictly and gives our logits`() throws {
        let python = try #require(ProcessInfo.processInfo.environment["GANRM_TEST_PYTHON"])
        let folder = try TemporaryFolder()
        let golden = try Golden.load().runs[1]
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
            Golden.folder.appendingPathComponent("check_head.py").path,
            folder.path("head.safetensors"), folder.path("values.safetensors"),
        ]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
