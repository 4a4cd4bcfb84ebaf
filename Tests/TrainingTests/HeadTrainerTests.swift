import Foundation
import Reward
import Tensors
import Testing
import TestModels
import Training

@Suite struct HeadTrainerTests {
    private func settings(steps: Int = 60, seed: UInt64 = 4) -> TrainingSettings {
        var settings = TrainingSettings()
        settings.steps = steps
        settings.warmUpSteps = 20
        settings.learningRate = 1e-3
        settings.seed = seed
        return settings
    }

    @Test func `the same seed gives the same bits`() throws {
        let data = examples(count: 60, width: 32, distance: 0.3)
        func run(seed: UInt64) throws -> TrainingOutcome {
            try trained(settings(seed: seed), on: data)
        }
        let first = try run(seed: 4)
        let second = try run(seed: 4)
        #expect(first.ensemble.parameters == second.ensemble.parameters)
        #expect(first.lossCurve == second.lossCurve)
        #expect(try run(seed: 5).ensemble.parameters != first.ensemble.parameters)
    }

    @Test func `separable classes are learnt and generalize to heldOut-out examples`() throws {
        let training = try HeadTraining(
            settings: settings(steps: 200), examples: examples(count: 300, width: 16, distance: 1))
        var calls: [Int] = []
        let result = try training.run { _, event in
            if case .step(let step, _, _, _) = event { calls.append(step) }
        }
        let outcome = try #require(result.rounds.last?.first).outcome
        #expect(calls == Array(1...200))
        #expect(outcome.lossCurve.count == 200)
        let validation = try #require(outcome.metrics.validation)
        #expect(validation.count == 60)
        #expect(try #require(validation.auc) > 0.99)
        #expect(outcome.metrics.training.accuracy > 0.95)
        #expect(outcome.metrics.loss < 0.2)
        #expect(outcome.metrics.proxyCount == 120)
        #expect(outcome.metrics.generatedCount == 120)
    }

    @Test func `shuffled labels are not learnt`() throws {
        let outcome = try trained(
            settings(steps: 200), on: examples(count: 300, width: 16, distance: 0))
        let validation = try #require(outcome.metrics.validation)
        #expect((0.3...0.7).contains(try #require(validation.auc)))
    }

    @Test func `standardization makes training invariant to offset and scale`() throws {
        var settings = settings()
        settings.standardizesEmbeddings = true
        let plain = examples(count: 60, width: 16, distance: 0.3)
        // A scale of a power of two and an offset that loses few bits, so that the standardized
        // values are nearly equal.
        let scaled = plain.map {
            Example(embedding: $0.embedding.map { 64 * $0 + 8 }, label: $0.label)
        }
        func logits(_ data: [Example]) throws -> [Float] {
            var trainer = try HeadTrainer(settings: settings, training: data, validation: [])
            return try trainer.run().ensemble.members[0]
                .logits(matrix(data.map(\.embedding))).elements
        }
        for (a, b) in zip(try logits(plain), try logits(scaled)) { #expect(abs(a - b) <= 1e-3) }
    }

    @Test func `standardization does not change the logits of the initial head`() throws {
        var settings = settings()
        settings.standardizesEmbeddings = true
        let data = examples(count: 30, width: 16, distance: 3)
        let initial = RewardHead(width: 16, seed: 9)
        let trainer = try HeadTrainer(
            settings: settings, training: data, validation: [], initial: initial)
        let embeddings = matrix(data.map(\.embedding))
        let before = initial.logits(embeddings).elements
        let after = trainer.head.logits(embeddings).elements
        for (a, b) in zip(before, after) { #expect(abs(a - b) <= 1e-5) }
    }

    @Test(arguments: UInt64(0)..<5)
    func `the split never divides a group`(seed: UInt64) throws {
        var data = examples(count: 200, width: 4, distance: 0)
        for i in data.indices { data[i].group = "repository \(i * i % 37)" }
        let trainer = try HeadTraining(
            settings: settings(seed: seed), examples: data
        ).parts[0]
        let heldOut = Set(trainer.validation.map(\.group))
        #expect(heldOut.isDisjoint(with: trainer.training.map(\.group)))
        #expect(trainer.training.count + trainer.validation.count == 200)
        for isProxy in [true, false] {
            let count = trainer.validation.count { $0.isProxy == isProxy }
            #expect((15...25).contains(count), "20 of 100 are asked for")
        }
    }

    @Test func `the split does not depend on the order of named groups`() throws {
        var data = examples(count: 100, width: 4, distance: 0)
        for i in data.indices { data[i].group = "group \(i / 5)" }
        let forward = try HeadTraining(settings: settings(), examples: data)
        let backward = try HeadTraining(settings: settings(), examples: data.reversed())
        #expect(Set(forward.parts[0].validation) == Set(backward.parts[0].validation))
    }

    @Test func `a diverging training throws an error`() throws {
        var settings = settings()
        settings.learningRate = 1e6
        settings.weightDecay = 1e6
        #expect(throws: RewardError.self) {
            try trained(settings, on: examples(count: 60, width: 8, distance: 0))
        }
    }

    @Test func `invalid examples are refused with a reason`() {
        func reason(_ examples: [Example]) -> String? {
            do {
                _ = try HeadTrainer(settings: settings(), training: examples, validation: [])
                return nil
            } catch { return error.description }
        }
        let proxy = Example(embedding: [1, 2], label: 1)
        #expect(reason([]) == "cannot train: there are no examples")
        #expect(
            reason([proxy])
                == "cannot train: 1 proxy and 0 generated examples to train on; both are needed")
        #expect(
            reason([proxy, Example(embedding: [1], label: 0)])
                == "cannot train: example 1 has 1 values, the first 2")
        #expect(
            reason([proxy, Example(embedding: [1, .nan], label: 0)])
                == "cannot train: the embedding of example 1 is not finite")
        #expect(
            reason([proxy, Example(embedding: [1, 2], label: -0.1)])
                == "cannot train: the label of example 1 is not in 0…1")
        #expect(
            reason([Example(embedding: [1, 2, 3], label: 0)])
                == "cannot train: embeddings have 3 values, not an even number in 2…16384")
    }

    @Test(
        arguments: [
            (#"{"batch_size":7}"#, "setting 'batch_size' must be even and in 2...4096"),
            (#"{"dropout":1}"#, "setting 'dropout' must be at least 0 and below 1"),
            (#"{"steps":0}"#, "setting 'steps' must be in 1...100000000"),
            (#"{"learning_rate":-1}"#, "setting 'learning_rate' must be positive"),
            ("{}", nil),
        ] as [(String, String?)])
    func `settings out of range are refused by name`(json: String, message: String?) throws {
        let settings = try JSONDecoder().decode(TrainingSettings.self, from: Data(json.utf8))
        var found: String?
        do { try settings.validate() } catch { found = error.description }
        #expect(found == message)
    }

    @Test func `missing settings default to the paper's values`() throws {
        let settings = try JSONDecoder().decode(
            TrainingSettings.self, from: Data(#"{"steps":10}"#.utf8))
        var expected = TrainingSettings()
        expected.steps = 10
        #expect(settings == expected)
        #expect(settings.batchSize == 8)
        #expect(settings.accumulation == 2)
        #expect(settings.warmUpSteps == 500)
        #expect(settings.dropout == 0.2)
    }
}
