import Foundation
import Reward
import Testing
import TestModels
import Training

@Suite struct RankBootstrapTests {
    private func bootstrap(
        top: Int, bottom: Int, alpha: Double = 0.5, iterations: Int = 1
    ) -> RankBootstrap {
        var bootstrap = RankBootstrap()
        bootstrap.top = top
        bootstrap.bottom = bottom
        bootstrap.alpha = alpha
        bootstrap.iterations = iterations
        return bootstrap
    }

    /// By hand, from arXiv 2506.13846, section 3.1: exp(-0.5 · 0), exp(-0.5 · 1), exp(-0.5 · 2).
    @Test func `labels decay with the rank, ties go to the earlier candidate`() throws {
        let labels = try bootstrap(top: 3, bottom: 2).labels(for: [0.1, 5, -2, 5, 1, -7, 0])
        #expect(labels.map(\.index) == [1, 3, 4, 5, 2])
        #expect(labels.map(\.rank) == [1, 2, 3, nil, nil])
        let expected = [1, 0.606_530_659_712_633_4, 0.367_879_441_171_442_3, 0, 0]
        for (label, value) in zip(labels, expected) { #expect(abs(label.label - value) < 1e-15) }
    }

    @Test func `more pseudo-labels than candidates are refused`() throws {
        #expect(try bootstrap(top: 2, bottom: 1).labels(for: [1, 2, 3]).count == 3)
        #expect(throws: RewardError.self) {
            try bootstrap(top: 2, bottom: 2).labels(for: [1, 2, 3])
        }
        #expect(throws: RewardError.self) { try bootstrap(top: 0, bottom: 1).validate() }
        #expect(throws: RewardError.self) { try bootstrap(top: 1, bottom: 1, alpha: -1).validate() }
    }

    @Test func `each round adds pseudo-labels ranked by the previous head`() throws {
        var settings = TrainingSettings()
        settings.steps = 40
        settings.warmUpSteps = 5
        let training = try HeadTraining(
            settings: settings, examples: examples(count: 60, width: 8, distance: 0.5),
            bootstrap: bootstrap(top: 6, bottom: 4, iterations: 2),
            candidates: examples(count: 30, width: 8, distance: 0.5, seed: 5))
        let part = training.parts[0]
        let rounds = try training.run().rounds.map { $0[0] }
        #expect(rounds.map(\.pseudoLabels.count) == [0, 10, 10])
        for (before, round) in zip(rounds, rounds.dropFirst()) {
            let logits = before.outcome.ensemble.logits(of: part.candidates)
            #expect(try round.pseudoLabels == bootstrap(top: 6, bottom: 4).labels(for: logits))
            let metrics = round.outcome.metrics
            #expect(metrics.proxyCount == rounds[0].outcome.metrics.proxyCount + 6)
            #expect(metrics.generatedCount == rounds[0].outcome.metrics.generatedCount + 4)
        }
        // The first round is bit-exact with a training without bootstrapping.
        var plain = try HeadTrainer(
            settings: settings, training: part.training, validation: part.validation)
        #expect(
            try plain.run().ensemble.parameters == rounds[0].outcome.ensemble.parameters)
    }

    @Test func `candidates of heldOut-out groups are left out`() throws {
        var data = examples(count: 40, width: 4, distance: 1)
        for i in data.indices { data[i].group = "\(i / 2)" }
        let training = try HeadTraining(
            settings: TrainingSettings(), examples: data, bootstrap: RankBootstrap(),
            candidates: data)
        let heldOut = Set(training.parts[0].validation.map(\.group))
        #expect(training.parts[0].candidates.count == 40 - 2 * heldOut.count && !heldOut.isEmpty)
    }
}
