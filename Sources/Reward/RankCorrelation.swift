/// How well one order agrees with another: of scores, say, with people's ratings.
public struct RankCorrelation: Sendable, Hashable {
    /// Spearman's ρ: the correlation of mid-ranks, −1…1.
    public let spearman: Double
    /// Kendall's τ-b: pairs in the same order less pairs in opposite order, corrected for ties, −1…1.
    public let kendall: Double

    /// Nil for fewer than two samples, or if either side is constant: there is no order to agree with.
    ///
    /// O(n log n).
    public init?(_ x: [Double], _ y: [Double]) {
        precondition(x.count == y.count)
        guard let firstX = x.first, let firstY = y.first, x.contains(where: { $0 != firstX }),
            y.contains(where: { $0 != firstY })
        else { return nil }
        spearman = LinearCorrelation.pearson(midRanks(of: x), midRanks(of: y))
        kendall = Self.tauB(x, y)
    }

    /// Sorted by x, then y, the pairs in opposite order are the exchanges that a merge sort by y makes.
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
        let opposite = inversions(&byY)
        // Sorted by now.
        let tiesOfY = pairsInRuns(count: order.count) { byY[$0] == byY[$1] }
        let pairs = order.count * (order.count - 1) / 2
        let same = pairs - tiesOfX - tiesOfY + tiesOfBoth - opposite
        let scale =
            Double(pairs - tiesOfX).squareRoot() * Double(pairs - tiesOfY).squareRoot()
        return min(max(Double(same - opposite) / scale, -1), 1)
    }

    /// Pairs within runs of neighbours that are equal.
    private static func pairsInRuns(count: Int, _ areEqual: (Int, Int) -> Bool) -> Int {
        var pairs = 0
        var length = 1
        for i in 1..<count {
            length = areEqual(i - 1, i) ? length + 1 : 1
            pairs += length - 1
        }
        return pairs
    }

    /// Sorts and says how many pairs stood in falling order.
    private static func inversions(_ values: inout [Double]) -> Int {
        var inversions = 0
        var merged = values
        var width = 1
        while width < values.count {
            for start in stride(from: 0, to: values.count, by: 2 * width) {
                let middle = min(start + width, values.count)
                let end = min(start + 2 * width, values.count)
                var (left, right) = (start, middle)
                for place in start..<end {
                    if right == end || (left < middle && values[left] <= values[right]) {
                        merged[place] = values[left]
                        left += 1
                    } else {
                        merged[place] = values[right]
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
