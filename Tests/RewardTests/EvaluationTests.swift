import Reward
import Testing

@Suite struct EvaluationTests {
    @Test(arguments: 0..<4)
    func `metrics match scikit-learn`(index: Int) throws {
        let golden = try ScoreGolden.load().metrics[index]
        let evaluation = Evaluation(logits: golden.logits, labels: golden.labels)
        #expect(evaluation.count == golden.logits.count)
        #expect(abs(try #require(evaluation.auc) - golden.auc) <= 1e-12)
        #expect(abs(evaluation.loss - golden.loss) <= 1e-12)
        #expect(evaluation.accuracy == golden.accuracy)
    }

    @Test func `a single class has no AUC`() {
        #expect(Evaluation(logits: [1, 2], labels: [1, 1]).auc == nil)
    }

    @Test func `the loss of a confident mistake is the magnitude of its logit`() {
        #expect(Evaluation(logits: [1000], labels: [0]).loss == 1000)
        #expect(Evaluation(logits: [-1000], labels: [1]).loss == 1000)
    }

    @Test func `the logit of a video is the mean over its clips`() {
        #expect(Pooling([1, 2, 6].map(Score.init(logit:))).score == Score(logit: 3))
        let heads = [[1.0, 10], [3, 30]].map { Score(memberLogits: $0) }
        #expect(Pooling(heads).score == Score(memberLogits: [2, 20]))
        #expect(Pooling([]).score == nil)
    }

    @Test func `a score is the logistic function of its logit`() {
        #expect(Score(logit: 0).value == 0.5)
        // scipy.special.expit(1.5)
        #expect(abs(Score(logit: 1.5).value - 0.8175744761936437) <= 1e-15)
        #expect(Score(logit: -1000).value == 0)
        #expect(Score(logit: 1000).value == 1)
    }
}
