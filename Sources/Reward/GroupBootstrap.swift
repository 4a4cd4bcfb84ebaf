import Tensors

/// Says how sure a figure is: computes it again and again on samples drawn from the samples.
///
///     let bootstrap = GroupBootstrap(groups: clips.map(\.source))
///     let interval = bootstrap.interval { clips in
///         Evaluation(logits: clips.map { logits[$0] }, labels: clips.map { labels[$0] }).auc
///     }
///
/// Whole groups are drawn, with replacement, as many as there are: clips of one source resemble each
/// other, and to draw them one by one would call the figure surer than it is. The interval is the
/// percentile bootstrap's; of a handful of groups it is too narrow, as any bootstrap's.
///
/// Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapters 8.6 and 13.
public struct GroupBootstrap: Sendable {
    /// How often the figure is computed.
    public static let usualResamples = 1000

    private let groups: [[Int]]
    private let resamples: Int
    private let seed: UInt64

    /// - Parameters:
    ///   - groups: One per sample; nil is a group of its own.
    ///   - resamples: At least 1.
    ///   - seed: The same samples, groups and seed give the same bits.
    public init(groups: [String?], resamples: Int = usualResamples, seed: UInt64 = 0) {
        precondition(resamples >= 1)
        self.groups = indicesByGroup(groups)
        self.resamples = resamples
        self.seed = seed
    }

    /// The 95 % interval of a figure.
    ///
    /// - Parameter statistic: The figure of the samples with these indices, some of them several
    ///   times; nil where it has none, as AUC of one class. Such resamples are left out.
    /// - Returns: Nil where the samples tell nothing of the spread: fewer than two groups, no value in
    ///   more than half of the resamples, or one and the same in all, as if nothing was ever wrong.
    public func interval(
        of statistic: (_ indices: [Int]) throws -> Double?
    ) rethrows -> ConfidenceInterval? {
        try intervals(count: 1) { [try statistic($0)] }[0]
    }

    /// The intervals of several figures, all on the same resamples; see `interval(of:)`.
    ///
    /// - Parameters:
    ///   - count: How many figures.
    ///   - statistics: That many values, each nil where there is none.
    public func intervals(
        count: Int, of statistics: (_ indices: [Int]) throws -> [Double?]
    ) rethrows -> [ConfidenceInterval?] {
        guard groups.count >= 2 else { return Array(repeating: nil, count: count) }
        var generator = RandomGenerator(seed: seed, stream: .resampling)
        var values = Array(repeating: [Double](), count: count)
        var indices: [Int] = []
        for _ in 0..<resamples {
            indices.removeAll(keepingCapacity: true)
            for _ in groups { indices += groups[generator.below(groups.count)] }
            for (figure, value) in try statistics(indices).enumerated() {
                if let value { values[figure].append(value) }
            }
        }
        return values.map { values in
            guard !values.isEmpty, 2 * values.count >= resamples else { return nil }
            let sorted = values.sorted()
            guard sorted.first != sorted.last else { return nil }
            return ConfidenceInterval(
                low: quantile(0.025, ofSorted: sorted), high: quantile(0.975, ofSorted: sorted))
        }
    }
}
