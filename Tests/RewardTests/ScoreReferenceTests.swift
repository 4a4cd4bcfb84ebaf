import Reward
import Testing

@Suite struct ScoreReferenceTests {
    @Test(arguments: 0..<3)
    func `quantiles, percentiles and temperature are NumPy's and SciPy's`(index: Int) throws {
        let golden = try Golden.load().references[index]
        let reference = try #require(
            ScoreReference(logits: golden.logits, isProxy: golden.labels.map { $0 == 1 }))
        let generated = reference.generated
        #expect(generated.count == golden.labels.count { $0 == 0 })
        for (ours, theirs) in zip(generated.quantiles, golden.quantiles) {
            #expect(abs(Double(ours) - theirs) <= 1e-6)
        }
        for (place, percentile) in zip(golden.places, golden.percentiles) {
            // F32 quantiles: a logit between two close ones may move a little.
            #expect(abs(generated.percentile(of: place) - percentile) <= 0.01)
        }
        #expect(abs(reference.temperature / golden.temperature - 1) <= 1e-6)
        #expect(reference.probability(of: 0) == 0.5)
    }

    @Test func `a logit among equal ones stands in their middle`() {
        let distribution = LogitDistribution([1, 2, 2, 2, 3])
        #expect(distribution.percentile(of: 2) == 50)
        #expect(distribution.percentile(of: 0.9) == 0)
        #expect(distribution.percentile(of: 3.1) == 100)
        #expect(LogitDistribution([4]).percentile(of: 4) == 50)
    }

    @Test func `one class alone gives no reference`() {
        #expect(ScoreReference(logits: [1, 2], isProxy: [true, true]) == nil)
        #expect(ScoreReference(logits: [], isProxy: []) == nil)
    }

    @Test func `perturbed examples train and do not judge`() throws {
        var samples = examples(count: 60, width: 8, distance: 1)
        for i in samples.indices { samples[i].group = "\(i / 3)" }
        for i in stride(from: 0, to: 60, by: 3) {
            samples[i].isPerturbed = true
            samples[i].label = 0.3
        }
        var settings = TrainingSettings()
        settings.steps = 20
        let trainer = try HeadTraining(settings: settings, examples: samples)
        let part = trainer.parts[0]
        #expect(part.validation.allSatisfy { !$0.isPerturbed })
        let result = try trainer.run()
        let figures = result.figures
        #expect(figures.training.count == figures.proxyCount + figures.generatedCount)
        #expect(figures.perturbedCount == part.training.count { $0.isPerturbed })
        #expect((result.validation.reference?.generated.count ?? 0) > 0)
        // Their groups are held out with them: none of these is trained on.
        let held = Set(part.validation.map(\.group))
        #expect(part.training.allSatisfy { !held.contains($0.group) })
    }
}
