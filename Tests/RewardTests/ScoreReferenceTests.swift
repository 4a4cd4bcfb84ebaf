import Reward
import Testing

@Suite struct ScoreReferenceTests {
    @Test(arguments: 0..<3)
    func `quantiles, percentiles and temperature match NumPy and SciPy`(index: Int) throws {
        let golden = try ScoreGolden.load().references[index]
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
}
