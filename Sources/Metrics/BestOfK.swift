public import Statistics
import TextFormats

/// The mean metric of the best k candidates of each prompt, as a reward ranks them.
///
/// A reward that knows nothing picks at random: the best k then have the mean of all candidates, and so have the worst k.
/// Candidates with equal logits share the mean of their metrics, which is the expectation over all their orders, so that
/// the order of a file makes no reward look good.
///
/// Source: arXiv 2506.13846, Figure 2, and the rows "RM@k" of its tables.
public struct BestOfK: Sendable {
    /// A mean over prompts.
    public struct Estimate: Sendable, Hashable {
        public var mean: Double
        /// 95 %, by bootstrap over prompts; nil for fewer than two, or if all resamples have one value.
        public var interval: ConfidenceInterval?

        public init(mean: Double, interval: ConfidenceInterval? = nil) {
            self.mean = mean
            self.interval = interval
        }
    }

    /// The values for one k.
    public struct Point: Sendable, Hashable {
        public var k: Int
        /// The mean over prompts of the means over their best k candidates.
        public var best: Estimate
        public var worst: Estimate
        /// Best k minus all. Prompts differ more from each other than their candidates do; the difference is within
        /// prompts, and its interval tells whether the reward helps.
        public var gain: Estimate
    }

    /// One metric.
    public struct Line: Sendable, Hashable {
        public var name: String
        /// All candidates, which is what picking at random gives.
        public var all: Estimate
        /// By ascending k.
        public var points: [Point]
        /// Rank correlations of logit and metric within prompts, −1…1, mean over the prompts where neither is constant;
        /// nil if there is none.
        public var spearman: Estimate?
        public var kendall: Estimate?
    }

    /// In the order of the rows of metrics.
    public let lines: [Line]
    /// Number of prompts that the means are over.
    public let promptCount: Int
    /// Number of their candidates.
    public let candidateCount: Int
    /// Prompts with too few candidates, which are left out.
    public let omittedPromptCount: Int
    /// The least number of candidates of a prompt that is not left out.
    public let requiredCount: Int
    /// Candidates that were left out.
    public let omissions: CandidateOmissions
    /// What is needed to reproduce the scores.
    let provenance: [JSONValue.Member]

    /// The most values of k: each needs the memory of its resamples.
    public static let maximumPointCount = 100
    /// Valid values of k.
    public static let counts = 1...1_000_000

    /// - Parameter top: Values of k, at most `maximumPointCount`; prompts with fewer candidates than the highest are left
    ///   out. Nil for 1 to the number of candidates that each prompt with two or more has, at most `maximumPointCount`.
    /// - Throws: `MetricError.rows` if no prompt has as many candidates, or two.
    public init(
        _ candidates: RankedMetrics, top: [Int]? = nil,
        resamples: Int = GroupBootstrap.defaultResampleCount
    ) throws(MetricError) {
        let top = top.map { Set($0.filter(Self.counts.contains)).sorted() }
        precondition((top?.count ?? 1) <= Self.maximumPointCount && top?.isEmpty != true)
        let required = max(2, top?.last ?? 2)
        let prompts = candidates.prompts.filter { $0.candidates.count >= required }
        guard let least = prompts.map(\.candidates.count).min() else {
            let most = candidates.prompts.map(\.candidates.count).max() ?? 0
            throw .rows(
                reason: """
                    no prompt has \(required) candidates with score and metrics, the most is \(most)\
                    \(most < 2 ? "; nothing can be compared" : "; name smaller numbers")
                    """)
        }
        let ks = top ?? Array(1...min(least, Self.maximumPointCount))

        let selections = prompts.map {
            PromptSelection($0, metricCount: candidates.names.count, ks: ks)
        }
        let valueCount = candidates.names.count * PromptSelection.valueCount(ks)
        func means(_ indices: some Collection<Int>) -> [Double?] {
            var sums = Array(repeating: 0.0, count: valueCount)
            var counts = Array(repeating: 0, count: valueCount)
            for index in indices {
                for (position, value) in selections[index].values.enumerated() where !value.isNaN {
                    sums[position] += value
                    counts[position] += 1
                }
            }
            return zip(sums, counts).map { $1 == 0 ? nil : $0 / Double($1) }
        }
        let intervals = GroupBootstrap(groups: prompts.map(\.group), resamples: resamples)
            .intervals(count: valueCount) { means($0) }
        var estimates = zip(means(selections.indices), intervals).map { mean, interval in
            mean.map { Estimate(mean: $0, interval: interval) }
        }[...]
        /// The next value of a metric, in the order of `PromptSelection.values`.
        func next() -> Estimate? { estimates.popFirst() ?? nil }
        func defined() -> Estimate { next() ?? Estimate(mean: .nan) }
        lines = candidates.names.map { name in
            let (all, spearman, kendall) = (defined(), next(), next())
            let points = ks.map { Point(k: $0, best: defined(), worst: defined(), gain: defined()) }
            return Line(
                name: name, all: all, points: points, spearman: spearman, kendall: kendall)
        }
        promptCount = prompts.count
        candidateCount = prompts.reduce(0) { $0 + $1.candidates.count }
        omittedPromptCount = candidates.prompts.count - prompts.count
        requiredCount = required
        omissions = candidates.omissions
        provenance = candidates.provenance
    }

    /// Sentences that tell what was left out.
    public var notices: [String] {
        guard omittedPromptCount > 0 else { return omissions.sentences }
        let prompts = "\(omittedPromptCount) prompt\(omittedPromptCount == 1 ? "" : "s")"
        return omissions.sentences + [
            "\(prompts) with fewer than \(requiredCount) candidates that have score and metrics: left out"
        ]
    }
}
