/// How a head is trained; the defaults are the paper's where it gives a value.
///
/// Coded with snake_case keys, all of them optional when read.
///
/// Source: arXiv 2506.13846, section 4.1 (batch, accumulation, AdamW, warm-up); `torch.optim.AdamW`
/// (betas, epsilon, weight decay). The learning rate, the number of steps and the constant rate after
/// the warm-up are ours.
public struct TrainingSettings: Codable, Sendable, Hashable {
    /// Examples per forward pass, which BatchNorm sees together: half proxy, half generated. Even.
    public var batchSize: Int = 8
    /// Perturbed examples that join each forward pass, where there are any. Even.
    public var perturbedPerBatch: Int = 4
    /// Failures, with the label 0, that join each forward pass, where there are any. Even.
    public var failuresPerBatch: Int = 2
    /// Batches per step; the gradient is the mean over their examples.
    public var accumulation: Int = 2
    /// Which head the training ends with.
    public var strategy: TrainingStrategy = .bootstrap
    /// How many checkpoints `average` and `voting` combine: the last one and those before it.
    public var checkpoints: Int = 5
    /// Steps between them.
    public var checkpointInterval: Int = 100
    /// How many heads are trained, each without one part of the groups, on which it is judged; 0: one
    /// head, by `validationShare`.
    public var folds: Int = 0
    /// Ends a training after so many evaluations in a row without a lower log loss on the examples
    /// that are held out, with the head that had the lowest; 0: never.
    public var patience: Int = 0
    /// Steps from one such evaluation to the next.
    public var evaluationInterval: Int = 50
    /// What the head consists of.
    public var architecture: HeadArchitecture = .projection
    /// How much it counts that a perturbed example is to have a lower logit than its original; above
    /// 0 this takes the place of its label.
    public var pairWeight: Double = 0
    /// Optimizer steps.
    public var steps: Int = 2000
    /// Steps over which the learning rate rises: step t of the first n has t/n of it (0 = none).
    public var warmUpSteps: Int = 500
    /// AdamW's learning rate after the warm-up, constant.
    public var learningRate: Double = 1e-4
    public var beta1: Double = 0.9
    public var beta2: Double = 0.999
    public var epsilon: Double = 1e-8
    /// Decoupled, of every parameter, as `AdamW(model.parameters())` does.
    public var weightDecay: Double = 0.01
    /// Share of hidden numbers that a batch drops, 0..<1.
    public var dropout: Double = 0.2
    /// A label y becomes y · (1 − s) + s/2; 0..<1.
    public var labelSmoothing: Double = 0
    /// Whether the head sees embeddings of mean 0 and deviation 1 per number while it is trained.
    /// Both are folded into the finished head, which takes plain embeddings in any case.
    public var standardizesEmbeddings: Bool = false
    /// Share of the examples of each class that is held out, by group (0 = none), 0..<1.
    public var validationShare: Double = 0.2
    /// Decides initial weights, split, order and dropout.
    public var seed: UInt64 = 0

    public init() {}

    enum CodingKeys: String, CodingKey, CaseIterable {
        case batchSize = "batch_size"
        case perturbedPerBatch = "perturbed_per_batch"
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
        try read(.perturbedPerBatch, &perturbedPerBatch)
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

    /// Refuses values that no training can run with, by name.
    public func validate() throws(RewardError) {
        func check(
            _ condition: Bool, _ key: CodingKeys, _ requirement: String
        ) throws(RewardError) {
            guard condition else {
                throw .badSetting(name: key.rawValue, requirement: requirement)
            }
        }
        let share = 0..<1.0
        let positive = Double.leastNormalMagnitude...1e6
        try check(
            (2...4096).contains(batchSize) && batchSize.isMultiple(of: 2), .batchSize,
            "even and in 2...4096")
        try check(
            (0...4096).contains(perturbedPerBatch) && perturbedPerBatch.isMultiple(of: 2),
            .perturbedPerBatch, "even and in 0...4096")
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
        try check(share.contains(beta1), .beta1, "at least 0 and below 1")
        try check(share.contains(beta2), .beta2, "at least 0 and below 1")
        try check(positive.contains(epsilon), .epsilon, "positive")
        try check((0...1e6).contains(weightDecay), .weightDecay, "at least 0")
        try check(share.contains(dropout), .dropout, "at least 0 and below 1")
        try check(share.contains(labelSmoothing), .labelSmoothing, "at least 0 and below 1")
        try check(share.contains(validationShare), .validationShare, "at least 0 and below 1")
    }

    /// Whether the strategy is one that keeps heads on the way.
    public var combinesCheckpoints: Bool { strategy == .average || strategy == .voting }

    /// Whether the head is kept after a step, to be combined with others.
    func keepsCheckpoint(atStep step: Int) -> Bool {
        let left = steps - step
        return combinesCheckpoints && left.isMultiple(of: checkpointInterval)
            && left / checkpointInterval < checkpoints
    }

    /// The learning rate of a step, 1 the first.
    func learningRate(atStep step: Int) -> Double {
        step < warmUpSteps ? learningRate * Double(step) / Double(warmUpSteps) : learningRate
    }
}
