public import Pipeline
public import Statistics
public import TextFormats

/// Agreement of scores with human annotations on a benchmark, with 95 % confidence intervals.
public struct AgreementReport: Sendable {
    /// The results for one annotated dimension.
    struct Dimension: Sendable {
        let name: String
        /// The kind of annotation: `pair` or `rating`.
        let kind: String
        /// Annotations whose samples all have scores.
        let count: Int
        /// Pairs that annotators call a tie; nil for ratings.
        let ties: Int?
        /// Annotations that were left out because a sample has no score.
        let unscored: Int
        /// Independent groups: prompts or rankings, plus annotations without one.
        let groupCount: Int
        let values: [Value]
        let published: [PublishedResult]
    }

    /// The value of one metric.
    struct Value: Sendable {
        let key: String
        let name: String
        let estimate: Estimate
        let tieThreshold: Double?
    }

    public let benchmark: PreferenceBenchmark
    /// The path of the annotation file.
    public let path: String
    /// The reward model, precision, sampling and version behind the scores, copied from their rows;
    /// empty if no input has a score.
    public let provenance: [JSONValue.Member]
    /// Bootstrap resamples per confidence interval.
    public let resamples: Int
    /// Seed of the bootstrap.
    public let seed: UInt64
    let dimensions: [Dimension]
    /// Files without a score and unusable lines, each once.
    public let failures: [ScoreTable.Failure]

    /// - Parameters:
    ///   - scores: Scores of `annotations.inputs`; each input without one becomes a failure.
    ///   - folder: The benchmark's folder, to which paths in `scores` may be relative.
    ///   - resamples: Bootstrap resamples per confidence interval, at least 1.
    ///   - seed: Seed of the bootstrap.
    public init(
        _ benchmark: PreferenceBenchmark, _ annotations: BenchmarkAnnotations,
        scores: ScoreTable, folder: BenchmarkFolder,
        resamples: Int = GroupBootstrap.defaultResampleCount, seed: UInt64 = 0
    ) {
        let benchmarkScores = BenchmarkScores(scores, folder: folder)
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
                    guard let first = benchmarkScores[pair.first],
                        let second = benchmarkScores[pair.second]
                    else { return nil }
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
                    benchmarkScores[rating.input].map {
                        RatingMetrics.Sample(
                            scored: $0, rating: rating.rating, prompt: rating.prompt)
                    }
                }
                return Dimension(
                    name: dimension.name, kind: "rating", count: samples.count, ties: nil,
                    unscored: ratings.count - samples.count, published: published,
                    metrics: AgreementMetric<RatingMetrics.Sample>.ratingMetrics, samples: samples,
                    groups: samples.map(\.prompt), resamples: resamples, seed: seed)
            }
        }
        failures =
            annotations.failures + scores.failures
            + annotations.inputs.filter { !benchmarkScores.contains($0) }
            .map { .init(input: $0, reason: "'\($0)' is not among the scores") }
    }

    /// Whether no annotation could be evaluated.
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
        groupCount =
            Set(groups.compactMap { $0.map { ByteString($0) } }).count + groups.count { $0 == nil }
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
                estimate: Estimate(value: value.0, interval: value.1),
                tieThreshold: metric.1.tieThreshold)
        }
    }
}
