/// What a training was given and reached; part of the head's file.
public struct TrainingFigures: Codable, Sendable, Hashable {
    public var steps: Int
    /// Examples that were trained on.
    public var proxyCount: Int
    public var generatedCount: Int
    /// Nil in files of before there were any.
    public var perturbedCount: Int?
    /// Failures that were shown; nil in files of before there were any.
    public var failureCount: Int?
    /// Mean loss of the last tenth of the steps, with dropout.
    public var loss: Double
    /// Of the finished head on the examples it was trained on; of folds, of each on its own, together.
    public var training: Evaluation
    /// On the examples that were held out; nil if none were.
    public var validation: Evaluation?
    /// Of `validation`; nil in files of before there were any.
    public var intervals: EvaluationIntervals?
    /// Each fold's `validation`; nil without folds.
    public var folds: [Evaluation]?

    enum CodingKeys: String, CodingKey {
        case steps, loss, training, validation, intervals, folds
        case proxyCount = "proxy_count"
        case generatedCount = "generated_count"
        case perturbedCount = "perturbed_count"
        case failureCount = "failure_count"
    }
}
