/// Calibration of predicted probabilities: about 80 % of the samples with a predicted probability
/// of 80 % should be proxy samples.
///
/// Source: Guo et al., On Calibration of Modern Neural Networks, 2017, equations 2 to 5, for the
/// probability of the proxy class.
public struct Calibration: Sendable, Hashable {
    /// Samples of similar probability: one point of the reliability curve.
    public struct Bin: Sendable, Hashable {
        public var count: Int
        /// Mean predicted probability, 0…1.
        public var meanProbability: Double
        /// Mean label, 0…1.
        public var meanLabel: Double
    }

    public static let defaultBinCount = 15

    /// Bins of equal width, (0, 1/n], (1/n, 2/n]…, ascending; empty ones are nil. The first
    /// includes 0.
    public let bins: [Bin?]

    /// - Parameters:
    ///   - probabilities: Predicted probabilities of the proxy class, 0…1.
    ///   - labels: 0…1.
    public init(probabilities: [Double], labels: [Double], binCount: Int = defaultBinCount) {
        precondition(probabilities.count == labels.count && binCount > 0)
        var sums = Array(repeating: (count: 0, probability: 0.0, label: 0.0), count: binCount)
        for (probability, label) in zip(probabilities, labels) {
            let index = (probability * Double(binCount)).rounded(.up) - 1
            let bin = Int(min(max(index, 0), Double(binCount - 1)))
            sums[bin].count += 1
            sums[bin].probability += probability
            sums[bin].label += label
        }
        bins = sums.map { sum in
            guard sum.count > 0 else { return nil }
            return Bin(
                count: sum.count, meanProbability: sum.probability / Double(sum.count),
                meanLabel: sum.label / Double(sum.count))
        }
    }

    /// Expected calibration error: the absolute difference between a bin's mean probability and
    /// mean label, averaged over the samples; 0…1, nil without samples.
    ///
    /// It is above 0 even for perfect probabilities, and the larger the fewer samples there are.
    public var expectedError: Double? {
        let bins = bins.compactMap(\.self)
        let count = bins.reduce(0) { $0 + $1.count }
        guard count > 0 else { return nil }
        return bins.reduce(0) {
            $0 + Double($1.count) * abs($1.meanProbability - $1.meanLabel)
        } / Double(count)
    }
}
