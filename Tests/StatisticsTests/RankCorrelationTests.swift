import Statistics
import Testing

@Suite struct RankCorrelationTests {
    @Test(arguments: 0..<3)
    func `Spearman and Kendall correlations match SciPy, overall and by prompt`(index: Int) throws {
        let golden = try EvaluationGolden.load().correlations[index]
        let overall = try #require(RankCorrelation(golden.scores, golden.ratings))
        #expect(abs(overall.spearman - golden.spearman) <= 1e-12)
        #expect(abs(overall.kendall - golden.kendall) <= 1e-12)
        let byPrompt = try #require(
            PromptCorrelation(
                scores: golden.scores, ratings: golden.ratings, prompts: golden.prompts))
        #expect(byPrompt.prompts.count == golden.promptCount)
        #expect(abs(byPrompt.spearman - golden.promptSpearman) <= 1e-12)
        #expect(abs(byPrompt.kendall - golden.promptKendall) <= 1e-12)
    }

    @Test func `equal and opposite orders have correlation 1 and -1`() {
        let same = RankCorrelation([1, 2, 3, 4, 5, 6, 7], [2, 4, 6, 8, 9, 10, 99])
        #expect(same?.spearman == 1)
        #expect(same?.kendall == 1)
        let opposite = RankCorrelation([1, 2, 3], [0, -1, -2])
        #expect(opposite?.spearman == -1)
        #expect(opposite?.kendall == -1)
    }

    @Test(arguments: [([], []), ([1], [1]), ([1, 1, 1], [1, 2, 3]), ([1, 2, 3], [5, 5, 5])])
    func `without variation there is no correlation`(x: [Double], y: [Double]) {
        #expect(RankCorrelation(x, y) == nil)
    }

    @Test func `candidates without a prompt are ignored`() {
        #expect(
            PromptCorrelation(scores: [1, 2, 3], ratings: [1, 2, 3], prompts: [nil, nil, "a"])
                == nil)
    }

    @Test func `a tie counts as half correct`() throws {
        // 2 > 1 correct, 1 > 2 wrong, 3 = 3 tied: (1 + ½) / 3.
        let pairs = try #require(PairwiseAccuracy(winners: [2, 1, 3], losers: [1, 2, 3]))
        #expect(pairs.accuracy == 0.5)
        #expect(pairs.ties == 1)
        #expect(pairs.count == 3)
        #expect(PairwiseAccuracy(winners: [], losers: []) == nil)
    }
}
