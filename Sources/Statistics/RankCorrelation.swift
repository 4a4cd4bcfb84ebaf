/// Rank correlation of two arrays, for example of scores and ratings.
public struct RankCorrelation: Sendable, Hashable {
    /// Spearman's ρ: Pearson's correlation of the mid-ranks, −1…1.
    public let spearman: Double
    /// Kendall's τ-b: concordant minus discordant pairs, corrected for ties, −1…1.
    public let kendall: Double

    /// Nil for fewer than two samples, or if either array is constant.
    ///
    /// Takes O(n log n) time.
    public init?(_ x: [Double], _ y: [Double]) {
        precondition(x.count == y.count)
        guard let firstX = x.first, let firstY = y.first, x.contains(where: { $0 != firstX }),
            y.contains(where: { $0 != firstY })
        else { return nil }
        spearman = LinearCorrelation.pearson(midRanks(of: x), midRanks(of: y))
        kendall = Self.tauB(x, y)
    }

    /// Kendall's τ-b. With samples sorted by x, then y, the number of discordant pairs is the
    /// number of exchanges in a merge sort by y.
    ///
    /// Source: Knight, A Computer Method for Calculating Kendall's Tau with Ungrouped Data, 1966.
    private static func tauB(_ x: [Double], _ y: [Double]) -> Double {
        let order = x.indices.sorted { x[$0] != x[$1] ? x[$0] < x[$1] : y[$0] < y[$1] }
        let byX = order.map { x[$0] }
        var byY = order.map { y[$0] }
        let tiesOfBoth = pairsInRuns(count: order.count) {
            byX[$0] == byX[$1] && byY[$0] == byY[$1]
        }
        let tiesOfX = pairsInRuns(count: order.count) { byX[$0] == byX[$1] }
        let discordant = sortCountingInversions(&byY)
        // `byY` is sorted now.
        let tiesOfY = pairsInRuns(count: order.count) { byY[$0] == byY[$1] }
        let pairs = order.count * (order.count - 1) / 2
        let concordant = pairs - tiesOfX - tiesOfY + tiesOfBoth - discordant
        let scale =
            Double(pairs - tiesOfX).squareRoot() * Double(pairs - tiesOfY).squareRoot()
        return min(max(Double(concordant - discordant) / scale, -1), 1)
    }

    /// Number of pairs within runs of equal adjacent elements.
    private static func pairsInRuns(count: Int, _ areEqual: (Int, Int) -> Bool) -> Int {
        var pairs = 0
        var length = 1
        for i in 1..<count {
            length = areEqual(i - 1, i) ? length + 1 : 1
            pairs += length - 1
        }
        return pairs
    }

    /// Merge-sorts `values` and returns the number of inversions.
    private static func sortCountingInversions(_ values: inout [Double]) -> Int {
        var inversions = 0
        var merged = values
        var width = 1
        while width < values.count {
            for start in stride(from: 0, to: values.count, by: 2 * width) {
                let middle = min(start + width, values.count)
                let end = min(start + 2 * width, values.count)
                var (left, right) = (start, middle)
                for index in start..<end {
                    if right == end || (left < middle && values[left] <= values[right]) {
                        merged[index] = values[left]
                        left += 1
                    } else {
                        merged[index] = values[right]
                        right += 1
                        inversions += middle - left
                    }
                }
            }
            swap(&values, &merged)
            width *= 2
        }
        return inversions
    }
}
