/// Why a pair, or a prompt, was left out.
public enum PairOmission: String, Sendable, Hashable, CaseIterable {
    /// Of prompts, all others are of pairs.
    case tooFewScores = "too_few_scores"
    case tie
    case narrowMargin = "narrow_margin"
    case wideSpread = "wide_spread"
    case overLimit = "over_limit"
    case duplicate
    case notSampled = "not_sampled"
}
