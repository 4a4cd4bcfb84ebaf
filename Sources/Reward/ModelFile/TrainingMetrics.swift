/// Counts and metrics of a training; part of the head's file.
public struct TrainingMetrics: Codable, Sendable, Hashable {
    public var steps: Int
    /// Number of proxy examples trained on.
    public var proxyCount: Int
    /// Number of generated examples trained on.
    public var generatedCount: Int
    /// Number of degraded copies trained on; nil in older files.
    public var degradedCount: Int?
    /// Number of failures trained on; nil in older files.
    public var failureCount: Int?
    /// Mean loss of the last tenth of the steps, with dropout.
    public var loss: Double
    /// Evaluation of the final head on its training examples; with folds, of all heads together,
    /// each on its own training examples.
    public var training: Evaluation
    /// Evaluation on the held-out examples; nil without any.
    public var validation: Evaluation?
    /// Confidence intervals of `validation`; nil in older files.
    public var intervals: EvaluationIntervals?
    /// Each fold's `validation`; nil without folds.
    public var folds: [Evaluation]?

    package init(
        steps: Int, proxyCount: Int, generatedCount: Int, degradedCount: Int? = nil,
        failureCount: Int? = nil, loss: Double, training: Evaluation, validation: Evaluation? = nil,
        intervals: EvaluationIntervals? = nil, folds: [Evaluation]? = nil
    ) {
        self.steps = steps
        self.proxyCount = proxyCount
        self.generatedCount = generatedCount
        self.degradedCount = degradedCount
        self.failureCount = failureCount
        self.loss = loss
        self.training = training
        self.validation = validation
        self.intervals = intervals
        self.folds = folds
    }

    enum CodingKeys: String, CodingKey {
        case steps, loss, training, validation, intervals, folds
        case proxyCount = "proxy_count"
        case generatedCount = "generated_count"
        case degradedCount = "perturbed_count"
        case failureCount = "failure_count"
    }
}
