extension ConfidenceInterval {
    /// Wilson's 95 % score interval for a proportion of independent trials; it stays within 0…1 and
    /// is valid even for few trials with the same outcome.
    ///
    /// Source: Wilson, Probable Inference, the Law of Succession, and Statistical Inference, 1927.
    ///
    /// - Parameters:
    ///   - successes: 0…trials; a tie may count half.
    ///   - trials: At least 1, else nil.
    public init?(wilson successes: Double, of trials: Int) {
        guard trials > 0 else { return nil }
        let z = 1.959963984540054
        let n = Double(trials)
        let share = successes / n
        let scale = 1 + z * z / n
        let middle = (share + z * z / (2 * n)) / scale
        let half = z / scale * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        // With no or only successes one end is exactly 0 or 1; avoid rounding errors.
        self.init(
            low: successes == 0 ? 0 : max(middle - half, 0),
            high: successes == n ? 1 : min(middle + half, 1))
    }
}
