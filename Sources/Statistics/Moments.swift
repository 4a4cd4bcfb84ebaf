extension Collection<Double> {
    /// Mean; 0 for an empty collection.
    package var mean: Double { reduce(0, +) / Double(Swift.max(count, 1)) }

    /// Population standard deviation (divisor n, not n − 1); 0 for an empty collection.
    package var standardDeviation: Double {
        let mean = self.mean
        let squares = reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(Swift.max(count, 1))).squareRoot()
    }
}

extension Array<[Float]> {
    /// Mean of vectors of one length, accumulated in Double; empty for an empty array.
    package var mean: [Double] {
        guard let first else { return [] }
        var sums = [Double](repeating: 0, count: first.count)
        for vector in self {
            for i in sums.indices { sums[i] += Double(vector[i]) }
        }
        return sums.map { $0 / Double(count) }
    }
}
