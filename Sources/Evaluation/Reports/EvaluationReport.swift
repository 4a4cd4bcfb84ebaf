public import Pipeline
public import Statistics
public import TextFormats

/// The results of an evaluation: estimates with 95 % confidence intervals, and the samples behind
/// them.
///
///     var groundTruth = GroundTruth()
///     try groundTruth.addSide(["good/"], label: 1)
///     try groundTruth.addSide(["raw/"], label: 0)
///     let table = try scoring.table(of: groundTruth.inputs)
///     print(EvaluationReport(groundTruth, scores: table).json)
public struct EvaluationReport: Sendable {
    /// The reward model, precision, sampling and version behind the scores, copied from their rows;
    /// empty if no input has a score.
    public let provenance: [JSONValue.Member]
    /// Bootstrap resamples per confidence interval.
    public let resamples: Int
    /// Seed of the bootstrap.
    public let seed: UInt64
    /// Nil if no labelled sample has a score; `pairs` and `ratings` likewise.
    public let labelled: ClassificationMetrics?
    public let pairs: PairwiseMetrics?
    public let ratings: RatingMetrics?
    /// Degraded copies that were left out.
    public let degradedCount: Int
    /// Pairs that were left out because one of their inputs has no score.
    public let unscoredPairs: Int
    /// Ratings that were left out because their input has no score.
    public let unscoredRatings: Int
    /// Inputs without a score and unusable lines, each once.
    public let failures: [ScoreTable.Failure]
    /// Ground-truth inputs that have a score, each once.
    public let inputs: [ScoredInput]

    /// - Parameters:
    ///   - scores: Scores of the ground truth's inputs; each input without one becomes a failure.
    ///   - resamples: Bootstrap resamples per confidence interval, at least 1.
    ///   - seed: Seed of the bootstrap.
    public init(
        _ groundTruth: GroundTruth, scores: ScoreTable,
        resamples: Int = GroupBootstrap.defaultResampleCount, seed: UInt64 = 0
    ) {
        let samples = groundTruth.labelled.compactMap { labelled in
            scores[labelled.input].map {
                ClassificationMetrics.Sample(
                    scored: $0, label: labelled.label, group: labelled.group)
            }
        }
        let pairs = groundTruth.pairs.compactMap { pair -> PairwiseMetrics.Pair? in
            guard let winner = scores[pair.winner], let loser = scores[pair.loser] else {
                return nil
            }
            return PairwiseMetrics.Pair(winner: winner, loser: loser, group: pair.group)
        }
        let rated = groundTruth.ratings.compactMap { rating in
            scores[rating.input].map {
                RatingMetrics.Sample(scored: $0, rating: rating.rating, prompt: rating.prompt)
            }
        }
        provenance = scores.provenance
        self.resamples = resamples
        self.seed = seed
        labelled =
            samples.isEmpty ? nil : ClassificationMetrics(samples, resamples: resamples, seed: seed)
        self.pairs = PairwiseMetrics(pairs, resamples: resamples, seed: seed)
        ratings = RatingMetrics(rated, resamples: resamples, seed: seed)
        degradedCount = groundTruth.degradedCount
        unscoredPairs = groundTruth.pairs.count - pairs.count
        unscoredRatings = groundTruth.ratings.count - rated.count
        let known = Set(scores.failures.map { ByteString($0.input) })
        let missing = groundTruth.inputs.filter { scores[$0] == nil && !known.contains($0) }
        failures =
            groundTruth.failures + scores.failures
            + missing.map { .init(input: $0, reason: "'\($0)' is not among the scores") }
        inputs = groundTruth.inputs.compactMap { scores[$0] }
    }

    /// Whether the report holds no estimates.
    public var isEmpty: Bool { labelled == nil && pairs == nil && ratings == nil }
}
