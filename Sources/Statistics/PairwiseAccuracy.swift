/// The fraction of preference pairs whose winner has the higher score.
public struct PairwiseAccuracy: Sendable, Hashable {
    /// Number of pairs.
    public let count: Int
    /// Number of pairs with equal scores.
    public let ties: Int
    /// Fraction of pairs that are ordered correctly, 0…1; ties count half.
    public let accuracy: Double

    /// Nil without pairs.
    public init?(winners: [Double], losers: [Double]) {
        precondition(winners.count == losers.count)
        guard !winners.isEmpty else { return nil }
        count = winners.count
        ties = zip(winners, losers).count { $0 == $1 }
        let correct = zip(winners, losers).count { $0 > $1 }
        accuracy = (Double(correct) + Double(ties) / 2) / Double(count)
    }
}
