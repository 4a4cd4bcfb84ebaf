/// Confidence intervals of statistics by the cluster bootstrap.
///
///     let bootstrap = GroupBootstrap(groups: clips.map(\.source))
///     let interval = bootstrap.interval { clips in
///         Evaluation(logits: clips.map { logits[$0] }, labels: clips.map { labels[$0] }).auc
///     }
///
/// Each resample draws as many whole groups as there are, with replacement: clips of one source are
/// similar, and drawing them one by one would give too narrow intervals. The intervals are those of
/// the percentile bootstrap; for a handful of groups they are too narrow, as with any bootstrap.
///
/// Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapters 8.6 and 13.
public struct GroupBootstrap: Sendable {
    /// Default number of resamples.
    public static let defaultResampleCount = 1000

    /// Valid numbers of resamples.
    package static let resampleCounts = 1...1_000_000

    private let groups: [[Int]]
    private let resamples: Int
    private let seed: UInt64

    /// - Parameters:
    ///   - groups: Group of each sample; nil is a group of its own.
    ///   - resamples: 1 to 1 000 000.
    ///   - seed: The same samples, groups and seed give bit-identical intervals.
    public init(groups: [String?], resamples: Int = defaultResampleCount, seed: UInt64 = 0) {
        precondition(Self.resampleCounts.contains(resamples))
        self.groups = indicesByGroup(groups)
        self.resamples = resamples
        self.seed = seed
    }

    /// The 95 % interval of a statistic.
    ///
    /// - Parameter statistic: Computes the statistic of the samples with these indices, which may
    ///   repeat; nil where it is undefined, as AUC of one class. Such resamples are left out.
    /// - Returns: Nil where no interval can be estimated: fewer than two groups, an undefined
    ///   statistic in more than half of the resamples, or the same value in all of them.
    public func interval(
        of statistic: (_ indices: [Int]) throws -> Double?
    ) rethrows -> ConfidenceInterval? {
        try intervals(count: 1) { [try statistic($0)] }[0]
    }

    /// The intervals of several statistics on the same resamples; see `interval(of:)`.
    ///
    /// - Parameters:
    ///   - count: Number of statistics.
    ///   - statistics: Computes `count` values, each nil where it is undefined.
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
            for (index, value) in try statistics(indices).enumerated() {
                if let value { values[index].append(value) }
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
