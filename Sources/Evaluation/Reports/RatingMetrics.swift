public import Pipeline
import Statistics
import TextFormats

/// Rank correlation of scores with ratings.
public struct RatingMetrics: Sendable {
    /// An input with a rating and a score.
    public struct Sample: Sendable, Hashable {
        public let scored: ScoredInput
        public let rating: Double
        public let prompt: String?
    }

    public let samples: [Sample]
    /// Distinct named prompts.
    public let promptCount: Int
    /// Spearman's ρ over all samples. The bootstrap resamples whole prompts.
    public let spearman: Estimate
    /// Kendall's τ-b over all samples.
    public let kendall: Estimate
    /// Correlation within prompts; nil if no prompt has one.
    public let byPrompt: ByPrompt?

    /// Rank correlation within each prompt, averaged over prompts.
    public struct ByPrompt: Sendable {
        /// Prompts with at least two candidates whose scores and ratings vary.
        public let count: Int
        public let spearman: Estimate
        public let kendall: Estimate
    }

    /// - Returns: Nil without samples.
    init?(_ samples: [Sample], resamples: Int, seed: UInt64) {
        guard !samples.isEmpty else { return nil }
        let prompts = samples.map(\.prompt)
        func correlations(_ indices: [Int]) -> [Double?] {
            let correlation = RankCorrelation(
                indices.map { samples[$0].scored.logit }, indices.map { samples[$0].rating })
            return [correlation?.spearman, correlation?.kendall]
        }
        let bootstrap = GroupBootstrap(groups: prompts, resamples: resamples, seed: seed)
        let intervals = bootstrap.intervals(count: 2, of: correlations)
        let values = correlations(Array(samples.indices))
        self.samples = samples
        promptCount = Set(prompts.compactMap { $0.map { ByteString($0) } }).count
        spearman = Estimate(value: values[0], interval: intervals[0])
        kendall = Estimate(value: values[1], interval: intervals[1])
        byPrompt = PromptCorrelation(
            scores: samples.map(\.scored.logit), ratings: samples.map(\.rating), prompts: prompts
        ).map { ByPrompt($0, resamples: resamples, seed: seed) }
    }
}

extension RatingMetrics.ByPrompt {
    fileprivate init(_ correlation: PromptCorrelation, resamples: Int, seed: UInt64) {
        let prompts = correlation.prompts
        let bootstrap = GroupBootstrap(
            groups: prompts.map { _ in nil }, resamples: resamples, seed: seed)
        func mean(_ indices: [Int], _ value: (RankCorrelation) -> Double) -> Double {
            indices.map { value(prompts[$0]) }.mean
        }
        let intervals = bootstrap.intervals(count: 2) { indices in
            [mean(indices, \.spearman), mean(indices, \.kendall)]
        }
        count = prompts.count
        spearman = Estimate(value: correlation.spearman, interval: intervals[0])
        kendall = Estimate(value: correlation.kendall, interval: intervals[1])
    }
}
