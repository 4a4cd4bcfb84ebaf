/// Which candidates of a prompt are set against each other.
public enum PairPolicy: String, Sendable, Hashable, CaseIterable {
    /// The first against the last: the paper's choice, one pair per prompt.
    case bestWorst = "best-worst"
    /// Each against each that ranks below it.
    case all
    /// Each against the next.
    case adjacent
    /// The first against each other.
    case bestVsRest = "best-vs-rest"

    /// The places of the chosen and the rejected, from 0, widest apart in rank first.
    ///
    /// - Parameter count: Candidates with a score.
    func places(of count: Int) -> [(chosen: Int, rejected: Int)] {
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
