import Reward

/// How well a single property separates proxy from generated samples.
///
/// The better one of two classifiers counts:
/// - *pairs*: in each pair of a proxy and a generated sample, the larger value is predicted to be
///   the same side's. The accuracy is the AUC or 1 − AUC of the value, with ties counted half.
/// - *samples*: a look-up of the exact value, which predicts the side on which the value is more
///   frequent, leaving out the sample itself. Its accuracy is the mean over both sides, with ties
///   and values without other samples counted half. It finds differences without an order: 25 fps
///   between 24 and 30, one codec among others.
public struct Separability: Sendable, Hashable {
    public enum Unit: String, Sendable, Hashable {
        case pairs, samples
    }

    /// Accuracy of the better classifier, from 0.5 (chance) to 1.
    public let share: Double
    /// Whether `share` counts pairs or samples.
    public let unit: Unit
    /// Whether the share is at least `limit` and significant: more than two standard deviations
    /// above 0.5, for the AUC of two sides of these sizes that do not differ.
    public let isSuspicious: Bool

    /// The lowest share for a warning.
    public static let limit = 0.75

    /// Compares the values of a property on both sides; nil if a side has no value.
    public init?(proxy: [ContainerProperty.Value], generated: [ContainerProperty.Value]) {
        guard !proxy.isEmpty, !generated.isEmpty else { return nil }
        let pairs = Self.shareOfPairs(proxy, generated) ?? 0.5
        let samples = Self.shareOfSamples(proxy, generated)
        share = max(pairs, samples, 0.5)
        unit = samples > pairs ? .samples : .pairs
        let (n, m) = (Double(proxy.count), Double(generated.count))
        // Standard deviation of the AUC, U / (n·m), where U is the Mann-Whitney statistic.
        let deviation = ((n + m + 1) / (12 * n * m)).squareRoot()
        isSuspicious = share >= Self.limit && share - 0.5 > 2 * deviation
    }

    /// Nil for words, which have no order.
    private static func shareOfPairs(
        _ proxy: [ContainerProperty.Value], _ generated: [ContainerProperty.Value]
    ) -> Double? {
        let numbers = (proxy + generated).compactMap { value in
            if case .number(let number) = value { number } else { nil }
        }
        guard numbers.count == proxy.count + generated.count,
            let area = Evaluation.areaUnderCurve(
                logits: numbers, isProxy: numbers.indices.map { $0 < proxy.count })
        else { return nil }
        return max(area, 1 - area)
    }

    private static func shareOfSamples(
        _ proxy: [ContainerProperty.Value], _ generated: [ContainerProperty.Value]
    ) -> Double {
        (accuracy(of: proxy, against: generated) + accuracy(of: generated, against: proxy)) / 2
    }

    /// The share of one side's samples whose value is more frequent among the rest of their side
    /// than on the other.
    private static func accuracy(
        of own: [ContainerProperty.Value], against other: [ContainerProperty.Value]
    ) -> Double {
        let ownCounts = Dictionary(own.map { ($0, 1) }, uniquingKeysWith: +)
        let otherCounts = Dictionary(other.map { ($0, 1) }, uniquingKeysWith: +)
        var correct = 0.0
        for (value, count) in ownCounts {
            let ownShare = own.count > 1 ? Double(count - 1) / Double(own.count - 1) : 0
            let otherShare = Double(otherCounts[value] ?? 0) / Double(other.count)
            if ownShare > otherShare { correct += Double(count) }
            if ownShare == otherShare { correct += Double(count) / 2 }
        }
        return correct / Double(own.count)
    }
}
