/// Criteria for the pairs of a prompt.
public struct PairSelection: Sendable, Hashable {
    public var policy: PairPolicy
    /// Minimum margin, in logits, 0 to 10⁹. Pairs of equal logits are always left out.
    public var minMargin: Double
    /// Maximum spread of either candidate, in logits, 0 to 10⁹; nil for no limit. A single head has no spread.
    public var maxSpread: Double?
    /// Maximum pairs per prompt, at least 1, those with the widest margins; nil for no limit.
    public var maxPairsPerPrompt: Int?
    /// Whether excluded candidates may be the rejected ones, ranked behind all others.
    public var rejectsExcluded: Bool

    /// Valid margins and spreads.
    package static let logitDistances = 0...1e9
    /// Valid numbers of pairs.
    package static let counts = 1...1_000_000_000

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

    /// The pairs of a prompt, and the number of omissions by reason.
    public func pairs(
        of ranked: RankedGroup
    ) -> (pairs: [PreferencePair], omitted: [PairOmission: Int]) {
        var omitted: [PairOmission: Int] = [:]
        let winners = ranked.ranked
        let all = winners + (rejectsExcluded ? ranked.excluded.map(\.asRejected) : [])
        if all.count < 2 || winners.isEmpty { omitted[.tooFewScores] = 1 }
        var pairs: [PreferencePair] = []
        for (chosen, rejected) in policy.rankPairs(of: all.count) where chosen < winners.count {
            let pair = PreferencePair(
                group: ranked.group, chosen: winners[chosen], rejected: all[rejected])
            // An excluded candidate loses whatever its logit.
            if rejected < winners.count, let reason = omission(of: pair) {
                omitted[reason, default: 0] += 1
            } else {
                pairs.append(pair)
            }
        }
        if let limit = maxPairsPerPrompt, pairs.count > limit {
            omitted[.overLimit] = pairs.count - limit
            let widest = pairs.indices.sorted {
                let (a, b) = (pairs[$0].margin, pairs[$1].margin)
                return a == b ? $0 < $1 : a > b
            }.prefix(limit)
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
