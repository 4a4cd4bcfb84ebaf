import Reward

/// How often scores prefer what people prefer.
public struct PairFigures: Sendable {
    /// A pair of which both have a score.
    public struct Pair: Sendable, Hashable {
        public let winner: ScoredInput
        public let loser: ScoredInput
        public let group: String?
    }

    public let pairs: [Pair]
    public let groupCount: Int
    /// Pairs of equal logits, which count half.
    public let ties: Int
    public let accuracy: Figure

    /// Nil without pairs.
    init?(_ pairs: [Pair], resamples: Int, seed: UInt64) {
        func figures(_ indices: [Int]) -> PairwiseAccuracy? {
            PairwiseAccuracy(
                winners: indices.map { pairs[$0].winner.logit },
                losers: indices.map { pairs[$0].loser.logit })
        }
        guard let all = figures(Array(pairs.indices)) else { return nil }
        let names = pairs.map(\.group)
        let bootstrap = GroupBootstrap(groups: names, resamples: resamples, seed: seed)
        self.pairs = pairs
        groupCount = Set(names.compactMap(\.self)).count + names.count { $0 == nil }
        ties = all.ties
        accuracy = Figure(
            value: all.accuracy, interval: bootstrap.interval { figures($0)?.accuracy })
    }
}
