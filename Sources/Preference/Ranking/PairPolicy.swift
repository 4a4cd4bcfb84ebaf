/// Which candidates of a prompt form pairs.
public enum PairPolicy: String, Sendable, Hashable, CaseIterable {
    /// The best against the worst: the paper's choice, one pair per prompt.
    case bestWorst = "best-worst"
    /// Each against all lower-ranked ones.
    case all
    /// Each against the next lower-ranked one.
    case adjacent
    /// The best against each of the others.
    case bestVsRest = "best-vs-rest"

    /// Rank indices, from 0, of the chosen and the rejected candidates, largest rank difference first.
    ///
    /// - Parameter count: Candidates with a score.
    func rankPairs(of count: Int) -> [(chosen: Int, rejected: Int)] {
        guard count > 1 else { return [] }
        switch self {
        case .bestWorst: return [(0, count - 1)]
        case .adjacent: return (1..<count).map { ($0 - 1, $0) }
        case .bestVsRest: return (1..<count).reversed().map { (0, $0) }
        case .all:
            return (1..<count).reversed().flatMap { distance in
                (0..<count - distance).map { ($0, $0 + distance) }
            }
        }
    }
}
