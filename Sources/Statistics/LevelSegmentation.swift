import Foundation

/// Changepoint detection: splits a curve into segments of constant level.
///
/// The result is the partition with the smallest sum of squared deviations from the segments' means
/// plus a penalty per segment, among all partitions whose segments have the minimum length.
///
/// The algorithm is exact: dynamic programming over the index of the last changepoint (optimal
/// partitioning) with pruning (PELT). Time is proportional to the number of values times the number
/// of values per segment, so quadratic for a curve without changepoints; memory is linear.
///
/// Sources: Jackson et al., "An algorithm for optimal partitioning of data on an interval", 2005,
/// arXiv math/0309285; Killick, Fearnhead, Eckley, "Optimal detection of changepoints with a linear
/// computational cost", 2012, doi:10.1080/01621459.2012.737745. Minimum lengths in time instead of
/// values, and pruning that respects them, are extensions of this implementation.
public struct LevelSegmentation: Sendable, Hashable {
    /// Reduction of the sum of squared deviations that a further segment must exceed, above 0.
    public var penalty: Double
    /// Minimum segment length, at least 0, in units of the edges; a shorter curve is one segment.
    public var minimumLength: Double

    public init(penalty: Double, minimumLength: Double) {
        precondition(penalty > 0 && minimumLength >= 0)
        self.penalty = penalty
        self.minimumLength = minimumLength
    }

    /// The penalty of Yao's criterion, 2 σ² ln n, where σ is the standard deviation of values
    /// within a segment.
    ///
    /// σ is estimated from the median absolute difference of values half of `minimumLength` apart.
    /// Adjacent values, which share frames or a scene, would give too small a σ, and more distant
    /// ones, with changepoints between them, too large a σ. σ is at least 0.001.
    ///
    /// Source: Yao, "Estimating the number of change-points via Schwarz' criterion", 1988,
    /// doi:10.1016/0167-7152(88)90118-6.
    public static func defaultPenalty(
        values: [Double], edges: [Double], minimumLength: Double
    ) -> Double {
        let length = (edges.last ?? 0) - (edges.first ?? 0)
        let fraction = length > 0 ? min(max(minimumLength / 2 / length, 0), 0.5) : 0
        let lag = max(1, Int((fraction * Double(values.count)).rounded()))
        let differences = zip(values, values.dropFirst(lag)).map { abs($1 - $0) }.sorted()
        let median = differences.isEmpty ? 0 : differences[differences.count / 2]
        // The median of |a − b| is 0.6745 · √2 · σ for normally distributed values.
        let deviation = max(median / 0.6745 / 2.0.squareRoot(), 0.001)
        return 2 * deviation * deviation * max(log(Double(values.count)), 1)
    }

    /// The segments as ranges of indices, in order; empty without values.
    ///
    /// - Parameters:
    ///   - values: Finite values.
    ///   - edges: Start of each value's interval, followed by the end of the last one: ascending or
    ///     equal, `values.count + 1` in number.
    public func pieces(values: [Double], edges: [Double]) -> [Range<Int>] {
        precondition(edges.count == values.count + 1)
        guard !values.isEmpty else { return [] }
        let deviations = Deviations(values)
        /// A candidate start of the last segment.
        struct Start {
            let index: Int
            /// Cost before `index` plus that of the segment from `index` to the current end.
            var sum = 0.0
            /// A start that is always better once a segment of minimum length fits after it.
            var successor = Int.max
        }
        var starts: [Start] = []
        // Minimum cost of the values before an edge, and start of the segment that ends there.
        var costs = [Double](repeating: .infinity, count: edges.count)
        var origins = [Int](repeating: 0, count: edges.count)
        costs[0] = 0
        var entered = 0
        for end in 1..<edges.count {
            while entered < end, edges[end] - edges[entered] >= minimumLength {
                if costs[entered].isFinite { starts.append(Start(index: entered)) }
                entered += 1
            }
            starts.removeAll { $0.successor < entered }
            for i in starts.indices {
                let start = starts[i].index
                let sum = costs[start] + deviations.sum(start..<end)
                starts[i].sum = sum
                if sum + penalty < costs[end] {
                    costs[end] = sum + penalty
                    origins[end] = start
                }
            }
            // If a changepoint here pays off despite its penalty, it does for every later end.
            for i in starts.indices
            where starts[i].successor == .max && starts[i].sum >= costs[end] {
                starts[i].successor = end
            }
        }
        var segments: [Range<Int>] = []
        var end = values.count
        while end > 0 {
            segments.append(origins[end]..<end)
            end = origins[end]
        }
        return segments.reversed()
    }

    /// Sum of squared deviations from the mean of any range, in constant time, from prefix sums.
    private struct Deviations {
        private var sums: [Double] = [0]
        private var squares: [Double] = [0]

        init(_ values: [Double]) {
            // Centred on the mean to reduce cancellation.
            let mean = values.mean
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
