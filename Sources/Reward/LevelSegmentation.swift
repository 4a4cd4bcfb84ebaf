import Foundation

/// Cuts a curve into pieces of steady level: the partition with the least sum of squared deviations from
/// the pieces' means plus a penalty for each piece, among all whose pieces are long enough.
///
/// Exact, by dynamic programming over the place of the last cut (optimal partitioning) without the places
/// that can no longer win (PELT). Time grows with the number of values times the length of a piece in
/// values, with its square for a curve without any change; memory with the number of values.
///
/// Sources: Jackson et al., "An algorithm for optimal partitioning of data on an interval", 2005,
/// arXiv math/0309285; Killick, Fearnhead, Eckley, "Optimal detection of changepoints with a linear
/// computational cost", 2012, doi:10.1080/01621459.2012.737745. Lengths in time rather than in values,
/// and pruning that keeps to them, are our own.
public struct LevelSegmentation: Sendable, Hashable {
    /// What one more piece must gain in squared deviations, above 0.
    public var penalty: Double
    /// Length of the shortest piece, in the unit of the edges, at least 0; shorter curves are one piece.
    public var minimumLength: Double

    public init(penalty: Double, minimumLength: Double) {
        precondition(penalty > 0 && minimumLength >= 0)
        self.penalty = penalty
        self.minimumLength = minimumLength
    }

    /// The penalty of Yao's criterion, 2 σ² ln n, where σ is the deviation of values from their piece's
    /// mean.
    ///
    /// σ comes from the median difference of values that lie half of `minimumLength` apart. Neighbours, which
    /// share frames or a scene, would show too small a σ; values further apart too large a one, as cuts come
    /// between them. σ is at least 0.001.
    ///
    /// Source: Yao, "Estimating the number of change-points via Schwarz' criterion", 1988,
    /// doi:10.1016/0167-7152(88)90118-6.
    public static func usualPenalty(
        values: [Double], edges: [Double], minimumLength: Double
    ) -> Double {
        let length = (edges.last ?? 0) - (edges.first ?? 0)
        let share = length > 0 ? min(max(minimumLength / 2 / length, 0), 0.5) : 0
        let lag = max(1, Int((share * Double(values.count)).rounded()))
        let differences = zip(values, values.dropFirst(lag)).map { abs($1 - $0) }.sorted()
        let median = differences.isEmpty ? 0 : differences[differences.count / 2]
        // The median of |a − b| is 0.6745 · √2 · σ for normal values.
        let deviation = max(median / 0.6745 / 2.0.squareRoot(), 0.001)
        return 2 * deviation * deviation * max(log(Double(values.count)), 1)
    }

    /// The pieces, as ranges of values, in order; empty for no values.
    ///
    /// - Parameters:
    ///   - values: Finite.
    ///   - edges: Where each value's part begins, never descending, and where the last one's ends: one more
    ///     than values.
    public func pieces(values: [Double], edges: [Double]) -> [Range<Int>] {
        precondition(edges.count == values.count + 1)
        guard !values.isEmpty else { return [] }
        let deviations = Deviations(values)
        /// A place where the last piece may begin.
        struct Start {
            let place: Int
            /// The cost up to a piece that begins here, and of this piece up to the end in hand.
            var sum = 0.0
            /// A place that is always the better one, once a piece fits in behind it.
            var successor = Int.max
        }
        var starts: [Start] = []
        // By the place where a piece ends: the least cost up to there, and where that piece begins.
        var costs = [Double](repeating: .infinity, count: edges.count)
        var origins = [Int](repeating: 0, count: edges.count)
        costs[0] = 0
        var entered = 0
        for end in 1..<edges.count {
            while entered < end, edges[end] - edges[entered] >= minimumLength {
                if costs[entered].isFinite { starts.append(Start(place: entered)) }
                entered += 1
            }
            starts.removeAll { $0.successor < entered }
            for index in starts.indices {
                let place = starts[index].place
                let sum = costs[place] + deviations.sum(place..<end)
                starts[index].sum = sum
                if sum + penalty < costs[end] {
                    costs[end] = sum + penalty
                    origins[end] = place
                }
            }
            // Where a cut here would pay even without its penalty, it will for every later end.
            for index in starts.indices
            where starts[index].successor == .max && starts[index].sum >= costs[end] {
                starts[index].successor = end
            }
        }
        var pieces: [Range<Int>] = []
        var end = values.count
        while end > 0 {
            pieces.append(origins[end]..<end)
            end = origins[end]
        }
        return pieces.reversed()
    }

    /// Sums of squared deviations from the mean of any range, in constant time.
    private struct Deviations {
        private var sums: [Double] = [0]
        private var squares: [Double] = [0]

        init(_ values: [Double]) {
            // Around the mean, so that little cancels.
            let mean = values.reduce(0, +) / Double(values.count)
            for value in values {
                sums.append(sums[sums.count - 1] + (value - mean))
                squares.append(squares[squares.count - 1] + (value - mean) * (value - mean))
            }
        }

        func sum(_ range: Range<Int>) -> Double {
            let sum = sums[range.upperBound] - sums[range.lowerBound]
            let square = squares[range.upperBound] - squares[range.lowerBound]
            return square - sum * sum / Double(range.count)
        }
    }
}
