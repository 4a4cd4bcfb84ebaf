public import Pipeline
import Statistics
import TextFormats

/// Agreement of scores with preference pairs.
public struct PairwiseMetrics: Sendable {
    /// A preference pair whose inputs both have a score.
    public struct Pair: Sendable, Hashable {
        public let winner: ScoredInput
        public let loser: ScoredInput
        public let group: String?
    }

    public let pairs: [Pair]
    /// Independent groups: named groups plus pairs without one.
    public let groupCount: Int
    /// Pairs of equal logits; each counts as half correct.
    public let ties: Int
    /// Share of pairs whose winner has the higher logit.
    public let accuracy: Estimate

    /// - Returns: Nil without pairs.
    init?(_ pairs: [Pair], resamples: Int, seed: UInt64) {
        func pairwiseAccuracy(_ indices: [Int]) -> PairwiseAccuracy? {
            PairwiseAccuracy(
                winners: indices.map { pairs[$0].winner.logit },
                losers: indices.map { pairs[$0].loser.logit })
        }
        guard let overall = pairwiseAccuracy(Array(pairs.indices)) else { return nil }
        let names = pairs.map(\.group)
        let bootstrap = GroupBootstrap(groups: names, resamples: resamples, seed: seed)
        self.pairs = pairs
        groupCount =
            Set(names.compactMap { $0.map { ByteString($0) } }).count + names.count { $0 == nil }
        ties = overall.ties
        accuracy = Estimate(
            value: overall.accuracy,
            interval: bootstrap.interval { pairwiseAccuracy($0)?.accuracy })
    }
}
