/// Whether probabilities can be taken at their word: of samples that are said to be proxy with 80 %,
/// 80 % should be.
///
/// Source: Guo et al., On Calibration of Modern Neural Networks, 2017, equations 2 to 5, for the
/// probability of the proxy class.
public struct Calibration: Sendable, Hashable {
    /// Samples of about one probability: a point of the reliability curve.
    public struct Bin: Sendable, Hashable {
        public var count: Int
        /// What was said of them.
        public var meanProbability: Double
        /// What they are: the mean of their labels.
        public var proxyShare: Double
    }

    public static let usualBinCount = 15

    /// Bins of equal width, (0, 1/n], (1/n, 2/n]…, rising; empty ones are nil. 0 is in the first.
    public let bins: [Bin?]

    /// - Parameters:
    ///   - probabilities: Of being a proxy sample, 0…1.
    ///   - labels: 0…1.
    public init(probabilities: [Double], labels: [Double], binCount: Int = usualBinCount) {
        precondition(probabilities.count == labels.count && binCount > 0)
        var sums = Array(repeating: (count: 0, probability: 0.0, label: 0.0), count: binCount)
        for (probability, label) in zip(probabilities, labels) {
            let place = (probability * Double(binCount)).rounded(.up) - 1
            let bin = Int(min(max(place, 0), Double(binCount - 1)))
            sums[bin].count += 1
            sums[bin].probability += probability
            sums[bin].label += label
        }
        bins = sums.map { sum in
            guard sum.count > 0 else { return nil }
            return Bin(
                count: sum.count, meanProbability: sum.probability / Double(sum.count),
                proxyShare: sum.label / Double(sum.count))
        }
    }

    /// Expected calibration error: how far probability and share are apart, averaged over the
    /// samples; 0…1, nil without samples.
    ///
    /// Even of perfect probabilities it is above 0, the more so the fewer samples there are.
    public var expectedError: Double? {
        let bins = bins.compactMap(\.self)
        let count = bins.reduce(0) { $0 + $1.count }
        guard count > 0 else { return nil }
        return bins.reduce(0) {
            $0 + Double($1.count) * abs($1.meanProbability - $1.proxyShare)
        } / Double(count)
    }
}
