/// How often the winner of a pair has the higher score.
public struct PairwiseAccuracy: Sendable, Hashable {
    public let count: Int
    /// Pairs of equal scores.
    public let ties: Int
    /// Share of pairs in the right order, 0…1; ties count half, as a coin would decide them.
    public let accuracy: Double

    /// Nil without pairs.
    public init?(winners: [Double], losers: [Double]) {
        precondition(winners.count == losers.count)
        guard !winners.isEmpty else { return nil }
        count = winners.count
        ties = zip(winners, losers).count { $0 == $1 }
        let right = zip(winners, losers).count { $0 > $1 }
        accuracy = (Double(right) + Double(ties) / 2) / Double(count)
    }
}
