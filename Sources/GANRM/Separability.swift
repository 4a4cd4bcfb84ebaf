import Reward

/// How well a head could tell proxy from generated samples if it knew a single property of each.
///
/// Two ways of telling are tried and the better one counts:
/// - *pairs*: the larger number is guessed to be one side's, the same for all pairs of a proxy and a
///   generated sample: AUC or 1 − AUC of the number, ties counted half.
/// - *samples*: a sample is guessed to be of the side that has more of its exact value, by the shares
///   among all other samples; the mean accuracy of both sides, ties and values not seen elsewhere
///   counted half. It finds what no order finds: 25 fps between 24 and 30, one codec among others.
public struct Separability: Sendable, Hashable {
    public enum Unit: String, Sendable, Hashable {
        case pairs, samples
    }

    /// Share told rightly, ½ (nothing) to 1.
    public let share: Double
    /// Of what.
    public let unit: Unit
    /// Whether the share is at least `limit` and cannot be chance: more than two standard deviations
    /// above ½, of the AUC between two sides of these sizes that do not differ.
    public let isSuspicious: Bool

    /// What share is worth a warning: three quarters.
    public static let limit = 0.75

    /// Nil if a side has no value.
    public init?(proxy: [ContainerProperty.Value], generated: [ContainerProperty.Value]) {
        guard !proxy.isEmpty, !generated.isEmpty else { return nil }
        let pairs = Self.shareOfPairs(proxy, generated) ?? 0.5
        let samples = Self.shareOfSamples(proxy, generated)
        share = max(pairs, samples, 0.5)
        unit = samples > pairs ? .samples : .pairs
        let (n, m) = (Double(proxy.count), Double(generated.count))
        // Of Mann and Whitney's U over n·m.
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

    /// The share of one side's samples whose value is commoner among the rest of their side than on
    /// the other.
    private static func accuracy(
        of own: [ContainerProperty.Value], against other: [ContainerProperty.Value]
    ) -> Double {
        let ownCounts = Dictionary(own.map { ($0, 1) }, uniquingKeysWith: +)
        let otherCounts = Dictionary(other.map { ($0, 1) }, uniquingKeysWith: +)
        var right = 0.0
        for (value, count) in ownCounts {
            let ownShare = own.count > 1 ? Double(count - 1) / Double(own.count - 1) : 0
            let otherShare = Double(otherCounts[value] ?? 0) / Double(other.count)
            if ownShare > otherShare { right += Double(count) }
            if ownShare == otherShare { right += Double(count) / 2 }
        }
        return right / Double(own.count)
    }
}
