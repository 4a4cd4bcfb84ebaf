/// A trained head and how it did.
public struct TrainingOutcome: Sendable {
    public let head: RewardHead
    public let figures: TrainingFigures
    /// The mean training loss of each step.
    public let lossCurve: [Double]
    /// What the head's logits mean, by the examples that were held out; nil without such of both classes.
    public let reference: ScoreReference?
}

/// What a training was given and reached; part of the head's file.
public struct TrainingFigures: Codable, Sendable, Hashable {
    public var steps: Int
    /// Examples that were trained on.
    public var proxyCount: Int
    public var generatedCount: Int
    /// Nil in files of before there were any.
    public var perturbedCount: Int?
    /// Mean loss of the last tenth of the steps, with dropout.
    public var loss: Double
    /// Of the finished head on the examples it was trained on.
    public var training: Evaluation
    /// On the examples that were held out; nil if none were.
    public var validation: Evaluation?

    enum CodingKeys: String, CodingKey {
        case steps, loss, training, validation
        case proxyCount = "proxy_count"
        case generatedCount = "generated_count"
        case perturbedCount = "perturbed_count"
    }
}
