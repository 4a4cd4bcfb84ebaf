/// Which pairs of a prompt are kept.
public struct PairSelection: Sendable, Hashable {
    public var policy: PairPolicy
    /// Least margin, in logits. Pairs without any margin are never kept: they prefer nothing.
    public var minMargin: Double
    /// Most spread of either candidate, in logits; nil: any. Scores of a single head have none.
    public var maxSpread: Double?
    /// Most pairs of one prompt, those with the widest margins; nil: all.
    public var maxPairsPerPrompt: Int?
    /// Whether candidates that must not win may be the rejected ones, behind all others.
    public var rejectsExcluded: Bool

    public init(
        policy: PairPolicy = .bestWorst, minMargin: Double = 0, maxSpread: Double? = nil,
        maxPairsPerPrompt: Int? = nil, rejectsExcluded: Bool = false
    ) {
        self.policy = policy
        self.minMargin = minMargin
        self.maxSpread = maxSpread
        self.maxPairsPerPrompt = maxPairsPerPrompt
        self.rejectsExcluded = rejectsExcluded
    }

    /// The pairs of a prompt, and how many were left out for which reason.
    public func pairs(
        of ranked: RankedGroup
    ) -> (pairs: [PreferencePair], omitted: [PairOmission: Int]) {
        var omitted: [PairOmission: Int] = [:]
        let winners = ranked.ranked
        let all = winners + (rejectsExcluded ? ranked.excluded.map(\.asRejected) : [])
        if all.count < 2 || winners.isEmpty { omitted[.tooFewScores] = 1 }
        var pairs: [PreferencePair] = []
        for (chosen, rejected) in policy.places(of: all.count) where chosen < winners.count {
            let pair = PreferencePair(
                group: ranked.group, chosen: winners[chosen], rejected: all[rejected])
            // What is excluded is worse whatever its logit.
            if rejected < winners.count, let reason = omission(of: pair) {
                omitted[reason, default: 0] += 1
            } else {
                pairs.append(pair)
            }
        }
        if let most = maxPairsPerPrompt, pairs.count > most {
            omitted[.overLimit] = pairs.count - most
            let widest = pairs.indices.sorted {
                let (a, b) = (pairs[$0].margin, pairs[$1].margin)
                return a == b ? $0 < $1 : a > b
            }.prefix(most)
            pairs = widest.map { pairs[$0] }
        }
        return (pairs, omitted)
    }

    private func omission(of pair: PreferencePair) -> PairOmission? {
        if !(pair.margin > 0) { return .tie }
        if pair.margin < minMargin { return .narrowMargin }
        if let maxSpread,
            max(pair.chosen.score.logitSpread ?? 0, pair.rejected.score.logitSpread ?? 0)
                > maxSpread
        {
            return .wideSpread
        }
        return nil
    }
}
