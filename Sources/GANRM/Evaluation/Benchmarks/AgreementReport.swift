public import JSON
public import Reward

/// How far scores agree with people on a benchmark, with 95 % intervals.
public struct AgreementReport: Sendable {
    /// One question that people answered.
    struct Dimension: Sendable {
        let name: String
        /// What was asked for: `pair` or `rating`.
        let kind: String
        /// Annotations whose samples have scores.
        let count: Int
        /// Pairs that people call a tie; nil for ratings.
        let ties: Int?
        /// Annotations that were left out because a sample of theirs has no score.
        let unscored: Int
        /// Prompts or rankings, and annotations without one.
        let groupCount: Int
        let values: [Value]
        let published: [PublishedResult]
    }

    /// A metric of a dimension.
    struct Value: Sendable {
        let key: String
        let name: String
        let figure: Figure
        let tieThreshold: Double?
    }

    public let benchmark: PreferenceBenchmark
    /// The file with the annotations.
    public let path: String
    /// What made the scores, as rows say it; empty if nothing has a score.
    public let provenance: [JSONValue.Member]
    public let resamples: Int
    public let seed: UInt64
    let dimensions: [Dimension]
    /// Files without a score and lines that could not be used, each once.
    public let failures: [ScoreTable.Failure]

    /// - Parameters:
    ///   - scores: Of `annotations.inputs`; what it lacks becomes a failure.
    ///   - folder: What paths of rows may be relative to.
    ///   - resamples: For the intervals, at least 1.
    public init(
        _ benchmark: PreferenceBenchmark, _ annotations: BenchmarkAnnotations,
        scores: ScoreTable, folder: BenchmarkFolder,
        resamples: Int = GroupBootstrap.usualResamples, seed: UInt64 = 0
    ) {
        let found = BenchmarkScores(scores, folder: folder)
        self.benchmark = benchmark
        path = annotations.path
        provenance = scores.provenance
        self.resamples = resamples
        self.seed = seed
        dimensions = annotations.dimensions.map { dimension in
            let published = benchmark.published.filter { $0.dimension == dimension.name }
            switch dimension.answers {
            case .pairs(let pairs, let metrics):
                let samples = pairs.compactMap { pair -> ScoredPair? in
                    guard let first = found[pair.first], let second = found[pair.second] else {
                        return nil
                    }
                    return ScoredPair(
                        difference: first.logit - second.logit, preference: pair.preference,
                        group: pair.group)
                }
                return Dimension(
                    name: dimension.name, kind: "pair", count: samples.count,
                    ties: samples.count { $0.preference == .tie },
                    unscored: pairs.count - samples.count, published: published,
                    metrics: metrics, samples: samples, groups: samples.map(\.group),
                    resamples: resamples, seed: seed)
            case .ratings(let ratings):
                let samples = ratings.compactMap { rating in
                    found[rating.input].map {
                        RatingFigures.Sample(
                            scored: $0, rating: rating.rating, prompt: rating.prompt)
                    }
                }
                return Dimension(
                    name: dimension.name, kind: "rating", count: samples.count, ties: nil,
                    unscored: ratings.count - samples.count, published: published,
                    metrics: AgreementMetric<RatingFigures.Sample>.ratingMetrics, samples: samples,
                    groups: samples.map(\.prompt), resamples: resamples, seed: seed)
            }
        }
        failures =
            annotations.failures + scores.failures
            + annotations.inputs.filter { !found.contains($0) }
            .map { .init(input: $0, reason: "'\($0)' is not among the scores") }
    }

    /// Whether no annotation has scores.
    public var isEmpty: Bool { dimensions.allSatisfy { $0.count == 0 } }
}

extension AgreementReport.Dimension {
    fileprivate init<Sample: Sendable>(
        name: String, kind: String, count: Int, ties: Int?, unscored: Int,
        published: [PublishedResult], metrics: [AgreementMetric<Sample>], samples: [Sample],
        groups: [String?], resamples: Int, seed: UInt64
    ) {
        self.name = name
        self.kind = kind
        self.count = count
        self.ties = ties
        self.unscored = unscored
        self.published = published
        groupCount = Set(groups.compactMap(\.self)).count + groups.count { $0 == nil }
        let measurements = metrics.map { $0.measure(samples) }
        func values(_ indices: [Int]) -> [Double?] { measurements.map { $0.value(indices) } }
        let intervals = GroupBootstrap(groups: groups, resamples: resamples, seed: seed)
            .intervals(count: metrics.count, of: values)
        self.values = zip(
            zip(metrics, measurements), zip(values(Array(samples.indices)), intervals)
        )
        .map { metric, value in
            .init(
                key: metric.0.key, name: metric.0.name,
                figure: Figure(value: value.0, interval: value.1),
                tieThreshold: metric.1.tieThreshold)
        }
    }
}
