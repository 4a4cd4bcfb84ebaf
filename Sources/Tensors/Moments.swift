extension Collection<Double> {
    /// 0 of none.
    package var mean: Double { reduce(0, +) / Double(Swift.max(count, 1)) }

    /// All values counted: n, not n − 1; 0 of none.
    package var standardDeviation: Double {
        let mean = self.mean
        let squares = reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(Swift.max(count, 1))).squareRoot()
    }
}
