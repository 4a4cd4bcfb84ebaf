/// How far people agree who put the same things into classes.
///
/// Source: Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011, section C: nominal data, any
/// number of observers, missing values.
public struct NominalAgreement: Sendable, Hashable {
    /// Things that at least two people judged.
    public let units: Int
    /// Share of pairs of people that agree on a thing, 0…1, as a mean over things.
    public let share: Double
    /// 1: always; 0: as often as chance; below 0: less often. Nil if nobody ever used a second class.
    public let alpha: Double?

    /// Nil if no two people judged the same.
    ///
    /// - Parameter judgements: For each thing the classes that people put it into.
    public init?<Class: Hashable>(_ judgements: some Sequence<[Class]>) {
        var units = 0
        var shares = 0.0
        var disagreement = 0.0
        var totals: [Class: Double] = [:]
        var total = 0.0
        for classes in judgements where classes.count >= 2 {
            let count = Double(classes.count)
            var counts: [Class: Double] = [:]
            for name in classes {
                counts[name, default: 0] += 1
                totals[name, default: 0] += 1
            }
            // Ordered pairs of judgements that agree.
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
