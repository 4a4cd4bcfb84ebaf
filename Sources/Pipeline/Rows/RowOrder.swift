public import Scoring

/// The order of result rows that are written at the end of a run.
public enum RowOrder: String, Sendable, CaseIterable {
    /// That of the inputs.
    case input
    /// Highest logit first, since scores saturate; rows without a score last.
    case score
    /// The bytes of the inputs' paths.
    case name

    /// The rows in this order; equal ones stay in theirs.
    public func sorted(_ rows: [ScoreRow]) -> [ScoreRow] {
        switch self {
        case .input: rows
        case .score:
            Self.sorted(rows, by: { $0.logit ?? -.infinity }) { $0 > $1 }
        case .name:
            Self.sorted(rows, by: { Array(($0.input ?? "").utf8) }) {
                $0.lexicographicallyPrecedes($1)
            }
        }
    }

    /// Sorts by keys, which are computed once; by index where they are equal, since Swift does not
    /// guarantee a stable sort.
    private static func sorted<SortKey>(
        _ rows: [ScoreRow], by key: (ScoreRow) -> SortKey,
        _ precedes: (SortKey, SortKey) -> Bool
    ) -> [ScoreRow] {
        rows.map(key).enumerated().sorted { first, second in
            precedes(first.element, second.element)
                || (!precedes(second.element, first.element) && first.offset < second.offset)
        }.map { rows[$0.offset] }
    }
}
