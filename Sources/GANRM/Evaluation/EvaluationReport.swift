public import JSON
public import Reward

/// What an evaluation found: figures with 95 % intervals, and what they are of.
///
///     var evidence = Evidence()
///     try evidence.addSide(["good/"], label: 1)
///     try evidence.addSide(["raw/"], label: 0)
///     let table = try ScoreTable.scoring(…)
///     print(EvaluationReport(evidence, scores: table).json)
public struct EvaluationReport: Sendable {
    /// What made the scores, as rows say it; empty if nothing has a score.
    public let provenance: [JSONValue.Member]
    public let resamples: Int
    public let seed: UInt64
    /// Nil without labelled samples that have scores; likewise the other two.
    public let labelled: LabelledFigures?
    public let pairs: PairFigures?
    public let ratings: RatingFigures?
    /// Degraded copies that were left out.
    public let perturbedCount: Int
    /// Pairs and ratings that were left out because an input of theirs has no score.
    public let unscoredPairs: Int
    public let unscoredRatings: Int
    /// Inputs without a score and lines that could not be used, each once.
    public let failures: [ScoreTable.Failure]
    /// All evidence's inputs that have a score, each once.
    public let inputs: [ScoredInput]

    /// - Parameters:
    ///   - scores: Of the evidence's inputs; what it lacks becomes a failure.
    ///   - resamples: For the intervals, at least 1.
    public init(
        _ evidence: Evidence, scores: ScoreTable,
        resamples: Int = GroupBootstrap.usualResamples, seed: UInt64 = 0
    ) {
        let samples = evidence.labelled.compactMap { labelled in
            scores[labelled.input].map {
                LabelledFigures.Sample(
                    scored: $0, label: labelled.label, group: labelled.group)
            }
        }
        let pairs = evidence.pairs.compactMap { pair -> PairFigures.Pair? in
            guard let winner = scores[pair.winner], let loser = scores[pair.loser] else {
                return nil
            }
            return PairFigures.Pair(winner: winner, loser: loser, group: pair.group)
        }
        let rated = evidence.ratings.compactMap { rating in
            scores[rating.input].map {
                RatingFigures.Sample(scored: $0, rating: rating.rating, prompt: rating.prompt)
            }
        }
        provenance = scores.provenance
        self.resamples = resamples
        self.seed = seed
        labelled =
            samples.isEmpty ? nil : LabelledFigures(samples, resamples: resamples, seed: seed)
        self.pairs = PairFigures(pairs, resamples: resamples, seed: seed)
        ratings = RatingFigures(rated, resamples: resamples, seed: seed)
        perturbedCount = evidence.perturbedCount
        unscoredPairs = evidence.pairs.count - pairs.count
        unscoredRatings = evidence.ratings.count - rated.count
        let known = Set(scores.failures.map(\.input))
        let missing = evidence.inputs.filter { scores[$0] == nil && !known.contains($0) }
        failures =
            evidence.failures + scores.failures
            + missing.map { .init(input: $0, reason: "'\($0)' is not among the scores") }
        inputs = evidence.inputs.compactMap { scores[$0] }
    }

    /// Whether there is any figure.
    public var isEmpty: Bool { labelled == nil && pairs == nil && ratings == nil }
}
