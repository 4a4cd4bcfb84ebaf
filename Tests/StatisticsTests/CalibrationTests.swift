import Reward
import Statistics
import Testing

@Suite struct CalibrationTests {
    @Test(arguments: 0..<3)
    func `reliability and calibration error match scikit-learn`(index: Int) throws {
        let golden = try EvaluationGolden.load().curves[index]
        let calibration = Calibration(
            probabilities: golden.logits.map { Score(logit: $0).value }, labels: golden.labels)
        let bins = calibration.bins.compactMap(\.self)
        #expect(bins.map(\.count) == golden.counts)
        for (bin, expected) in zip(bins, zip(golden.means, golden.shares)) {
            #expect(abs(bin.meanProbability - expected.0) <= 1e-12)
            #expect(abs(bin.meanLabel - expected.1) <= 1e-12)
        }
        #expect(abs(try #require(calibration.expectedError) - golden.error) <= 1e-12)
    }

    @Test func `probabilities 0 and 1 are in the outer bins`() {
        let bins = Calibration(probabilities: [0, 0.2, 1], labels: [0, 0, 1], binCount: 5).bins
        // (0, 0.2] holds 0 and 0.2, (0.8, 1] holds 1.
        #expect(bins.map { $0?.count } == [2, nil, nil, nil, 1])
        #expect(Calibration(probabilities: [], labels: []).expectedError == nil)
    }
}
