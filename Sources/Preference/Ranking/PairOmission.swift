/// The reason why a pair, or a prompt, was left out.
public enum PairOmission: String, Sendable, Hashable, CaseIterable {
    /// Counts prompts; all other cases count pairs.
    case tooFewScores = "too_few_scores"
    case tie
    case narrowMargin = "narrow_margin"
    case wideSpread = "wide_spread"
    case overLimit = "over_limit"
    case duplicate
    case notSampled = "not_sampled"
}
