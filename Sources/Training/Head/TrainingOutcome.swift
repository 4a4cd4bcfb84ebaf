public import Reward

/// The heads of a training and their evaluation.
public struct TrainingOutcome: Sendable {
    public let ensemble: HeadEnsemble
    public let metrics: TrainingMetrics
    /// The training examples except degraded copies.
    public let seen: ScoredExamples
    /// The held-out examples.
    public let validation: ScoredExamples
    /// The mean training loss of each step.
    public let lossCurve: [Double]
    /// Evaluations during the training; empty without early stopping.
    public let validationCurve: [ValidationPoint]

    public struct ValidationPoint: Codable, Sendable, Hashable {
        /// Number of steps completed before the evaluation, at least 1.
        public let step: Int
        public let evaluation: Evaluation
    }

    init(
        ensemble: HeadEnsemble, metrics: TrainingMetrics, seen: ScoredExamples,
        validation: ScoredExamples, lossCurve: [Double], validationCurve: [ValidationPoint]
    ) {
        self.ensemble = ensemble
        var metrics = metrics
        metrics.validation = validation.evaluation
        self.metrics = metrics
        self.seen = seen
        self.validation = validation
        self.lossCurve = lossCurve
        self.validationCurve = validationCurve
    }
}
