/// The rank of each value, one-based; equal values share the mean of their ranks.
package func midRanks(of values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = Array(repeating: 0.0, count: values.count)
    var start = 0
    while start < order.count {
        var end = start + 1
        while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
        for index in order[start..<end] { ranks[index] = Double(start + 1 + end) / 2 }
        start = end
    }
    return ranks
}
