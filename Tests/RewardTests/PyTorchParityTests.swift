import Foundation
import Media
import Reward
import Tensors
import TestSupport
import Testing

/// Against PyTorch 2.15's values: Golden/training.py, whose head says where tolerances come from.
@Suite struct PyTorchParityTests {
    @Test(arguments: 0..<5)
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

    @Test(arguments: 0..<5)
    func `weights start as the script draws them`(run: Int) throws {
        let golden = try Golden.load().runs[run]
        let parameters = RewardHead(width: golden.width, seed: golden.settings.seed).parameters
        let weight = try #require(parameters["fc1.weight"])
        let bias = try #require(parameters["out.bias"])
        let ours = weight.elements.prefix(3) + bias.elements
        for (ours, theirs) in zip(ours, golden.firstWeights) {
            #expect(abs(ours - theirs) <= theirs.magnitude.ulp)
        }
    }

    @Test(arguments: 0..<5)
    func `examples are drawn as the script draws them`(run: Int) throws {
        let golden = try Golden.load().runs[run]
        let settings = golden.settings
        let perturbed = golden.examples.indices.filter { golden.examples[$0].isPerturbed }
        let rest = golden.examples.indices.filter { !golden.examples[$0].isPerturbed }
        var order = SampleOrder(
            proxies: rest.filter { $0.isMultiple(of: 3) },
            generated: rest.filter { !$0.isMultiple(of: 3) }, perturbed: perturbed,
            perBatch: (settings.batchSize, settings.perturbedPerBatch), seed: settings.seed)
        for batch in golden.firstBatches {
            var drawn = Array(repeating: 0, count: batch.count)
            order.draw(into: &drawn)
            #expect(drawn == batch)
        }
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
        let head = try trainer.run().head
        let model = try RewardModel(head: head, encoders: [.video: identity(width: golden.width)])
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
