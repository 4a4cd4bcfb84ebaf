import Reward
import Testing
import Training

@Suite struct ScoreReferenceTests {
    @Test(arguments: 0..<3)
    func `quantiles, percentiles and temperature match NumPy and SciPy`(index: Int) throws {
        let golden = try Golden.load().references[index]
        let reference = try #require(
            ScoreReference(logits: golden.logits, isProxy: golden.labels.map { $0 == 1 }))
        let generated = reference.generated
        #expect(generated.count == golden.labels.count { $0 == 0 })
        for (ours, theirs) in zip(generated.quantiles, golden.quantiles) {
            #expect(abs(Double(ours) - theirs) <= 1e-6)
        }
        for (logit, percentile) in zip(golden.places, golden.percentiles) {
            // Quantiles are stored as F32, so a logit between close quantiles may shift slightly.
            #expect(abs(generated.percentile(of: logit) - percentile) <= 0.01)
        }
        #expect(abs(reference.temperature / golden.temperature - 1) <= 1e-6)
        #expect(reference.probability(of: 0) == 0.5)
    }

    @Test func `the percentile of tied logits is the middle of the tie`() {
        let distribution = LogitDistribution([1, 2, 2, 2, 3])
        #expect(distribution.percentile(of: 2) == 50)
        #expect(distribution.percentile(of: 0.9) == 0)
        #expect(distribution.percentile(of: 3.1) == 100)
        #expect(LogitDistribution([4]).percentile(of: 4) == 50)
    }

    @Test func `a single class has no reference`() {
        #expect(ScoreReference(logits: [1, 2], isProxy: [true, true]) == nil)
        #expect(ScoreReference(logits: [], isProxy: []) == nil)
    }

    @Test func `degraded examples are used for training but not for metrics`() throws {
        var samples = examples(count: 60, width: 8, distance: 1)
        for i in samples.indices { samples[i].group = "\(i / 3)" }
        for i in stride(from: 0, to: 60, by: 3) {
            samples[i].isDegraded = true
            samples[i].label = 0.3
        }
        var settings = TrainingSettings()
        settings.steps = 20
        let trainer = try HeadTraining(settings: settings, examples: samples)
        let part = trainer.parts[0]
        #expect(part.validation.allSatisfy { !$0.isDegraded })
        let result = try trainer.run()
        let metrics = result.metrics
        #expect(metrics.training.count == metrics.proxyCount + metrics.generatedCount)
        #expect(metrics.degradedCount == part.training.count { $0.isDegraded })
        #expect((result.validation.reference?.generated.count ?? 0) > 0)
        // Groups are held out as a whole, with their degraded copies.
        let heldOut = Set(part.validation.map(\.group))
        #expect(part.training.allSatisfy { !heldOut.contains($0.group) })
    }
}
