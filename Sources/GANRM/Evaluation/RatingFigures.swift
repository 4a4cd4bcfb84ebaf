import Reward

/// How the order of scores agrees with the order of ratings.
public struct RatingFigures: Sendable {
    /// An input that has a rating and a score.
    public struct Sample: Sendable, Hashable {
        public let scored: ScoredInput
        public let rating: Double
        public let prompt: String?
    }

    public let samples: [Sample]
    /// Prompts that are named.
    public let promptCount: Int
    /// Over all samples; prompts are drawn whole.
    public let spearman: Figure
    public let kendall: Figure
    /// Within a prompt, the mean over those that count; nil if none does.
    public let byPrompt: ByPrompt?

    public struct ByPrompt: Sendable {
        /// Prompts with at least two candidates whose scores and ratings vary.
        public let count: Int
        public let spearman: Figure
        public let kendall: Figure
    }

    /// Nil without samples.
    init?(_ samples: [Sample], resamples: Int, seed: UInt64) {
        guard !samples.isEmpty else { return nil }
        let prompts = samples.map(\.prompt)
        func figures(_ indices: [Int]) -> [Double?] {
            let correlation = RankCorrelation(
                indices.map { samples[$0].scored.logit }, indices.map { samples[$0].rating })
            return [correlation?.spearman, correlation?.kendall]
        }
        let bootstrap = GroupBootstrap(groups: prompts, resamples: resamples, seed: seed)
        let intervals = bootstrap.intervals(count: 2, of: figures)
        let values = figures(Array(samples.indices))
        self.samples = samples
        promptCount = Set(prompts.compactMap(\.self)).count
        spearman = Figure(value: values[0], interval: intervals[0])
        kendall = Figure(value: values[1], interval: intervals[1])
        byPrompt = PromptCorrelation(
            scores: samples.map(\.scored.logit), ratings: samples.map(\.rating), prompts: prompts
        ).map { ByPrompt($0, resamples: resamples, seed: seed) }
    }
}

extension RatingFigures.ByPrompt {
    fileprivate init(_ correlation: PromptCorrelation, resamples: Int, seed: UInt64) {
        let prompts = correlation.prompts
        let bootstrap = GroupBootstrap(
            groups: prompts.map { _ in nil }, resamples: resamples, seed: seed)
        func mean(_ indices: [Int], _ value: (RankCorrelation) -> Double) -> Double {
            indices.reduce(0) { $0 + value(prompts[$1]) } / Double(indices.count)
        }
        let intervals = bootstrap.intervals(count: 2) { indices in
            [mean(indices, \.spearman), mean(indices, \.kendall)]
        }
        count = prompts.count
        spearman = Figure(value: correlation.spearman, interval: intervals[0])
        kendall = Figure(value: correlation.kendall, interval: intervals[1])
    }
}
