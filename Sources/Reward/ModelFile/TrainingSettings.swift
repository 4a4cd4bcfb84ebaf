/// Settings of a training; the defaults are the paper's where it gives a value.
///
/// Encoded with snake_case keys; when decoded, all keys are optional.
///
/// Source: arXiv 2506.13846, section 4.1 (batch, accumulation, AdamW, warm-up); `torch.optim.AdamW`
/// (betas, epsilon, weight decay). The learning rate, the number of steps and the constant rate
/// after the warm-up are not from the paper.
public struct TrainingSettings: Codable, Sendable, Hashable {
    /// Examples per batch, which BatchNorm normalizes together: half proxy, half generated. Even.
    public var batchSize: Int = 8
    /// Degraded copies added to each batch, if there are any. Even.
    public var degradedPerBatch: Int = 4
    /// Failures, with the label 0, added to each batch, if there are any. Even.
    public var failuresPerBatch: Int = 2
    /// Batches per step; the gradient is the mean over their examples.
    public var accumulation: Int = 2
    /// How the final head is derived from the training.
    public var strategy: TrainingStrategy = .bootstrap
    /// Number of checkpoints that `average` and `voting` combine, the last step's included.
    public var checkpoints: Int = 5
    /// Steps between these checkpoints.
    public var checkpointInterval: Int = 100
    /// Number of cross-validation folds, each of which trains a head (0 = one head, with a
    /// `validationShare` held out).
    public var folds: Int = 0
    /// Early stopping: the number of evaluations in a row without a lower log loss on the held-out
    /// examples after which training ends with the best head (0 = disabled).
    public var patience: Int = 0
    /// Steps between evaluations for early stopping.
    public var evaluationInterval: Int = 50
    /// Variant of the head.
    public var architecture: HeadArchitecture = .projection
    /// Weight of the ranking loss between degraded copies and their originals; above 0 it replaces
    /// the classification loss of the copies (0 = disabled).
    public var pairWeight: Double = 0
    /// Optimizer steps.
    public var steps: Int = 2000
    /// Steps of the linear warm-up: step t of n has t/n of the learning rate (0 = none).
    public var warmUpSteps: Int = 500
    /// AdamW's learning rate, constant after the warm-up.
    public var learningRate: Double = 1e-4
    public var beta1: Double = 0.9
    public var beta2: Double = 0.999
    public var epsilon: Double = 1e-8
    /// Decoupled weight decay of every parameter, as with `AdamW(model.parameters())`.
    public var weightDecay: Double = 0.01
    /// Dropout probability of hidden units, 0..<1.
    public var dropout: Double = 0.2
    /// Label smoothing s, 0..<1: a label y becomes y · (1 − s) + s/2.
    public var labelSmoothing: Double = 0
    /// Whether embeddings are standardized per element during training. The statistics are folded
    /// into the final head, which always takes plain embeddings.
    public var standardizesEmbeddings: Bool = false
    /// Fraction of the examples of each class that is held out, by group (0 = none), 0..<1.
    public var validationShare: Double = 0.2
    /// Seed of initial weights, split, order and dropout.
    public var seed: UInt64 = 0

    public init() {}

    enum CodingKeys: String, CodingKey, CaseIterable {
        case batchSize = "batch_size"
        case degradedPerBatch = "perturbed_per_batch"
        case failuresPerBatch = "failures_per_batch"
        case pairWeight = "pair_weight"
        case accumulation
        case strategy
        case checkpoints
        case checkpointInterval = "checkpoint_interval"
        case folds
        case patience
        case evaluationInterval = "evaluation_interval"
        case architecture
        case steps
        case warmUpSteps = "warm_up_steps"
        case learningRate = "learning_rate"
        case beta1
        case beta2
        case epsilon
        case weightDecay = "weight_decay"
        case dropout
        case labelSmoothing = "label_smoothing"
        case standardizesEmbeddings = "standardizes_embeddings"
        case validationShare = "validation_share"
        case seed
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func read<Value: Decodable>(_ key: CodingKeys, _ value: inout Value) throws {
            value = try container.decodeIfPresent(Value.self, forKey: key) ?? value
        }
        try read(.batchSize, &batchSize)
        try read(.degradedPerBatch, &degradedPerBatch)
        try read(.failuresPerBatch, &failuresPerBatch)
        try read(.accumulation, &accumulation)
        try read(.pairWeight, &pairWeight)
        try read(.strategy, &strategy)
        try read(.checkpoints, &checkpoints)
        try read(.checkpointInterval, &checkpointInterval)
        try read(.folds, &folds)
        try read(.patience, &patience)
        try read(.evaluationInterval, &evaluationInterval)
        try read(.architecture, &architecture)
        try read(.steps, &steps)
        try read(.warmUpSteps, &warmUpSteps)
        try read(.learningRate, &learningRate)
        try read(.beta1, &beta1)
        try read(.beta2, &beta2)
        try read(.epsilon, &epsilon)
        try read(.weightDecay, &weightDecay)
        try read(.dropout, &dropout)
        try read(.labelSmoothing, &labelSmoothing)
        try read(.standardizesEmbeddings, &standardizesEmbeddings)
        try read(.validationShare, &validationShare)
        try read(.seed, &seed)
    }

    /// Checks the ranges of all settings.
    ///
    /// - Throws: `RewardError.badSetting` with the key of the first invalid one.
    public func validate() throws(RewardError) {
        func check(
            _ condition: Bool, _ key: CodingKeys, _ requirement: String
        ) throws(RewardError) {
            guard condition else {
                throw .badSetting(name: key.rawValue, requirement: requirement)
            }
        }
        let unitRange = 0..<1.0
        let positive = Double.leastNormalMagnitude...1e6
        try check(
            (2...4096).contains(batchSize) && batchSize.isMultiple(of: 2), .batchSize,
            "even and in 2...4096")
        try check(
            (0...4096).contains(degradedPerBatch) && degradedPerBatch.isMultiple(of: 2),
            .degradedPerBatch, "even and in 0...4096")
        try check(
            (0...4096).contains(failuresPerBatch) && failuresPerBatch.isMultiple(of: 2),
            .failuresPerBatch, "even and in 0...4096")
        try check((1...1024).contains(accumulation), .accumulation, "in 1...1024")
        try check((1...100_000_000).contains(steps), .steps, "in 1...100000000")
        try check((0...1000).contains(pairWeight), .pairWeight, "in 0...1000")
        try check((1...100).contains(checkpoints), .checkpoints, "in 1...100")
        try check(
            (1...100_000_000).contains(checkpointInterval), .checkpointInterval,
            "in 1...100000000")
        try check(folds == 0 || (2...100).contains(folds), .folds, "0 or in 2...100")
        try check((0...1_000_000).contains(patience), .patience, "in 0...1000000")
        try check(
            (1...100_000_000).contains(evaluationInterval), .evaluationInterval,
            "in 1...100000000")
        try check(
            !combinesCheckpoints || patience == 0, .patience,
            "0 where checkpoints are combined: they are taken at the end of all steps")
        try check(
            !combinesCheckpoints || (checkpoints - 1) * checkpointInterval < steps, .checkpoints,
            "so few that they fit into the steps, \(checkpointInterval) apart")
        try check((0...100_000_000).contains(warmUpSteps), .warmUpSteps, "in 0...100000000")
        try check(positive.contains(learningRate), .learningRate, "positive")
        try check(unitRange.contains(beta1), .beta1, "at least 0 and below 1")
        try check(unitRange.contains(beta2), .beta2, "at least 0 and below 1")
        try check(positive.contains(epsilon), .epsilon, "positive")
        try check((0...1e6).contains(weightDecay), .weightDecay, "at least 0")
        try check(unitRange.contains(dropout), .dropout, "at least 0 and below 1")
        try check(unitRange.contains(labelSmoothing), .labelSmoothing, "at least 0 and below 1")
        try check(unitRange.contains(validationShare), .validationShare, "at least 0 and below 1")
    }

    /// Whether the strategy combines several checkpoints.
    public var combinesCheckpoints: Bool { strategy == .average || strategy == .voting }

    /// Whether the head after a step is one of the checkpoints to combine.
    package func keepsCheckpoint(atStep step: Int) -> Bool {
        let remaining = steps - step
        return combinesCheckpoints && remaining.isMultiple(of: checkpointInterval)
            && remaining / checkpointInterval < checkpoints
    }

    /// The learning rate of a step, one-based.
    package func learningRate(atStep step: Int) -> Double {
        step < warmUpSteps ? learningRate * Double(step) / Double(warmUpSteps) : learningRate
    }
}
