import Statistics
import Testing

@Suite struct ROCCurveTests {
    @Test(arguments: 0..<3)
    func `the ROC curve matches scikit-learn`(index: Int) throws {
        let golden = try EvaluationGolden.load().curves[index]
        let curve = try #require(
            ROCCurve(logits: golden.logits, isProxy: golden.labels.map { $0 == 1 }))
        #expect(curve.points.first?.threshold == .infinity)
        #expect(curve.points.dropFirst().map(\.threshold) == golden.thresholds)
        try #require(curve.points.count == golden.true.count)
        for (point, rates) in zip(curve.points, zip(golden.false, golden.true)) {
            #expect(abs(point.falsePositiveRate - rates.0) <= 1e-12)
            #expect(abs(point.truePositiveRate - rates.1) <= 1e-12)
        }
    }

    @Test func `a single class has no ROC curve`() {
        #expect(ROCCurve(logits: [1, 2], isProxy: [true, true]) == nil)
        #expect(ROCCurve(logits: [], isProxy: []) == nil)
    }
}
