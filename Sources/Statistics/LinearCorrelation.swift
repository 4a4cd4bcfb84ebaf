/// Pearson's linear correlation coefficient (PLCC).
public struct LinearCorrelation: Sendable, Hashable {
    /// Pearson's correlation coefficient, −1…1.
    public let pearson: Double

    /// Nil for fewer than two samples, or if either side is constant.
    public init?(_ x: [Double], _ y: [Double]) {
        precondition(x.count == y.count)
        guard let firstX = x.first, let firstY = y.first, x.contains(where: { $0 != firstX }),
            y.contains(where: { $0 != firstY })
        else { return nil }
        let pearson = Self.pearson(x, y)
        guard pearson.isFinite else { return nil }
        self.pearson = pearson
    }

    /// Pearson's correlation coefficient, −1…1, of two arrays that are not constant.
    static func pearson(_ x: [Double], _ y: [Double]) -> Double {
        let (meanX, meanY) = (x.mean, y.mean)
        var (xx, yy, xy) = (0.0, 0.0, 0.0)
        for (x, y) in zip(x, y) {
            xx += (x - meanX) * (x - meanX)
            yy += (y - meanY) * (y - meanY)
            xy += (x - meanX) * (y - meanY)
        }
        // Identical ranks must not give 1 + 2⁻⁵².
        return min(max(xy / (xx * yy).squareRoot(), -1), 1)
    }
}
