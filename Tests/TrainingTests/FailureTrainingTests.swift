import Reward
import Testing
import TestModels
import TestSupport
import Training

/// Training with failed samples, and candidates that are excluded from pseudo-positives.
@Suite struct FailureTrainingTests {
    private func settings(
        _ change: (inout TrainingSettings) -> Void = { _ in }
    ) -> TrainingSettings {
        var settings = TrainingSettings()
        settings.steps = 30
        settings.warmUpSteps = 5
        settings.learningRate = 1e-3
        change(&settings)
        return settings
    }

    private func failures(_ count: Int, width: Int = 8) -> [[Float]] {
        (0..<count).map { i in (0..<width).map { Float(($0 * 5 + i * 3) % 7) - 9 } }
    }

    /// Order in each batch: proxy and generated alternating, two failures, two degraded samples.
    @Test func `each batch has failures after both classes`() {
        var order = BatchSampler(
            proxies: [0, 2, 4], generated: [1, 3], failures: [10, 11, 12], degraded: [20, 21],
            perBatch: (classes: 4, failures: 2, degraded: 2), seed: 5)
        var drawn = Array(repeating: -1, count: 8 * 9)
        order.draw(into: &drawn)
        var shown: [Int] = []
        for start in stride(from: 0, to: drawn.count, by: 8) {
            let batch = Array(drawn[start..<start + 8])
            #expect(Set([batch[0], batch[2]]).isSubset(of: [0, 2, 4]))
            #expect(Set([batch[1], batch[3]]).isSubset(of: [1, 3]))
            #expect(Set(batch[4..<6]).isSubset(of: [10, 11, 12]))
            #expect(Set(batch[6..<8]).isSubset(of: [20, 21]))
            shown += batch[4..<6]
        }
        // Failures are drawn without replacement until all were drawn.
        for start in stride(from: 0, to: shown.count, by: 3) {
            #expect(Set(shown[start..<start + 3]).count == 3)
        }
    }

    @Test func `failures are used for training but not for metrics`() throws {
        let all = examples(count: 40, width: 8, distance: 0.5)
        let shown = failures(5)
        var trainer = try HeadTrainer(
            settings: settings(), training: all, validation: Array(all.prefix(6)), failures: shown)
        let training = trainer.training
        #expect(training.map(\.embedding) == all.map(\.embedding) + shown)
        #expect(training.suffix(5).allSatisfy { $0.label == 0 && !$0.isProxy })
        var drawn: [Int] = []
        let outcome = try trainer.run { trainer, _ in drawn += trainer.drawn }
        // Two batches per step, each with 8 samples of both classes and 2 failures.
        #expect(drawn.count == 30 * 2 * 10)
        #expect(drawn.count { $0 >= 40 } == 30 * 2 * 2)
        #expect(Set(drawn.filter { $0 >= 40 }) == Set(40..<45))
        #expect(outcome.metrics.failureCount == 5)
        #expect(outcome.metrics.proxyCount == 20 && outcome.metrics.generatedCount == 20)
        #expect(outcome.metrics.training.count == 40)
        #expect(outcome.metrics.degradedCount == 0)
    }

    @Test func `without failures, or with 0 per batch, training is unchanged`() throws {
        let all = examples(count: 40, width: 8, distance: 0.5)
        func losses(
            _ failures: [[Float]], _ change: (inout TrainingSettings) -> Void = { _ in }
        ) throws -> [Double] {
            var trainer = try HeadTrainer(
                settings: settings(change), training: all, validation: [], failures: failures)
            return try trainer.run().lossCurve
        }
        let plain = try losses([])
        #expect(try losses(failures(5)) { $0.failuresPerBatch = 0 } == plain)
        #expect(try losses([]) { $0.failuresPerBatch = 4 } == plain)
        #expect(try losses(failures(5)) != plain)
    }

    @Test(arguments: [1, 3, -2, 4098])
    func `an odd or out-of-range number of failures per batch is refused`(count: Int) {
        #expect(
            throws: RewardError.badSetting(
                name: "failures_per_batch", requirement: "even and in 0...4096")
        ) { try settings { $0.failuresPerBatch = count }.validate() }
    }

    @Test func `failures of another width are refused`() {
        #expect(throws: RewardError.badExamples(reason: "example 40 has 6 values, the first 8")) {
            _ = try HeadTrainer(
                settings: settings(), training: examples(count: 40, width: 8, distance: 0.5),
                validation: [], failures: failures(2, width: 6)
            ).training
        }
    }

    @Test func `an interrupted training with failures resumes bit-exactly`() throws {
        let all = examples(count: 40, width: 8, distance: 0.5)
        let folder = try TemporaryFolder()
        let path = folder.path("checkpoint.safetensors")
        func trainer() throws -> HeadTrainer {
            try HeadTrainer(
                settings: settings(), training: all, validation: [], failures: failures(5))
        }
        var whole = try trainer()
        let expected = try whole.run().ensemble.parameters
        var first = try trainer()
        for _ in 0..<11 { try first.step() }
        try first.writeCheckpoint(to: path)
        var second = try trainer()
        let isResumed = second.resume(from: path)
        #expect(isResumed)
        let found = try second.run().ensemble.parameters
        #expect(found == expected)
        // A checkpoint is not resumed with other failures.
        var other = try HeadTrainer(
            settings: settings(), training: all, validation: [], failures: failures(6))
        let isResumedWithOthers = other.resume(from: path)
        #expect(!isResumedWithOthers)
    }

    /// Pseudo-labels of a bootstrapping run with the given candidates excluded.
    private func labels(
        excluding excluded: Set<Int>, top: Int = 4
    ) throws -> [RankBootstrap.PseudoLabel] {
        var bootstrap = RankBootstrap()
        (bootstrap.top, bootstrap.bottom) = (top, 3)
        let candidates = (0..<20).map { i in
            var example = Example(
                embedding: Array(repeating: Float(20 - i) / 10 - 1, count: 8), label: 0)
            example.isExcluded = excluded.contains(i)
            return example
        }
        var labels: [RankBootstrap.PseudoLabel] = []
        _ = try HeadTraining(
            settings: settings { $0.steps = 100 },
            examples: examples(count: 40, width: 8, distance: 0.5), bootstrap: bootstrap,
            candidates: candidates
        ).run { _, event in
            if case .ranked(let found) = event { labels = found }
        }
        return labels
    }

    @Test func `an excluded candidate ranks last and never becomes a pseudo-positive`() throws {
        let all = try labels(excluding: [])
        let best = all.filter { $0.rank != nil }.map(\.index)
        #expect(best.count == 4)
        let without = try labels(excluding: Set(best.prefix(2)))
        let rest = without.filter { $0.rank != nil }.map(\.index)
        #expect(rest.count == 4 && Set(rest).isDisjoint(with: best.prefix(2)))
        #expect(Array(rest.prefix(2)) == Array(best.suffix(2)))
        // They are among the worst, whatever their logits.
        #expect(
            Set(best.prefix(2)).isSubset(of: without.filter { $0.rank == nil }.map(\.index)))
        #expect(without.filter { $0.rank == nil }.allSatisfy { $0.label == 0 })
    }

    @Test func `too few eligible candidates for the requested best are refused`() {
        #expect(
            throws: RewardError.badExamples(
                reason: """
                    3 of 20 candidates may win, fewer than the 4 best that are asked for; the others \
                    show nothing or are unlike anything trained on
                    """)
        ) { try labels(excluding: Set(3..<20)) }
    }
}
