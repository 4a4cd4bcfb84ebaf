/// Inter-rater agreement on nominal data: Krippendorff's α.
///
/// Source: Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011, section C: nominal data,
/// any number of observers, missing values.
public struct NominalAgreement: Sendable, Hashable {
    /// Number of units with at least two ratings.
    public let units: Int
    /// Fraction of pairs of raters that agree on a unit, 0…1, averaged over units.
    public let share: Double
    /// Krippendorff's α: 1 for full agreement, 0 for agreement by chance, negative below chance.
    /// Nil if all ratings are of one class.
    public let alpha: Double?

    /// Nil if no unit has two ratings.
    ///
    /// - Parameter ratings: The raters' classes of each unit.
    public init?<Class: Hashable>(_ ratings: some Sequence<[Class]>) {
        var units = 0
        var shares = 0.0
        var disagreement = 0.0
        var totals: [Class: Double] = [:]
        var total = 0.0
        for classes in ratings where classes.count >= 2 {
            let count = Double(classes.count)
            var counts: [Class: Double] = [:]
            for name in classes {
                counts[name, default: 0] += 1
                totals[name, default: 0] += 1
            }
            // Ordered pairs of equal ratings.
            let same = counts.values.reduce(0) { $0 + $1 * ($1 - 1) }
            let pairs = count * (count - 1)
            units += 1
            shares += same / pairs
            disagreement += (pairs - same) / (count - 1)
            total += count
        }
        guard units > 0 else { return nil }
        self.units = units
        share = shares / Double(units)
        let expected = totals.values.reduce(total * total) { $0 - $1 * $1 } / (total - 1)
        alpha = expected > 0 ? 1 - disagreement / expected : nil
    }
}
