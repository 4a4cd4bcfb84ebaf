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
