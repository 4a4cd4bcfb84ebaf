public import Reward
import Statistics
import TextFormats

/// Trains a head step by step; bit-reproducible from its settings and examples on one machine.
///
///     var trainer = try HeadTrainer(settings: settings, training: training, validation: heldOut)
///     let outcome = try trainer.run()
///
/// `HeadTraining` splits the examples and bootstraps.
///
/// - Source: arXiv 2506.13846, section 4.1.
public struct HeadTrainer: ~Copyable {
    public let settings: TrainingSettings
    /// The training examples in input order, followed by the failures.
    public let training: [Example]
    /// The held-out examples in input order.
    public let validation: [Example]
    /// Number of completed steps.
    public internal(set) var stepCount = 0
    /// The mean loss of each step so far.
    public internal(set) var lossCurve: [Double] = []
    /// Evaluations on the held-out examples, every `settings.evaluationInterval` steps if
    /// `settings.patience` is above 0.
    public internal(set) var validationCurve: [TrainingOutcome.ValidationPoint] = []
    /// Indices of the training examples of the last step, batch after batch.
    public private(set) var drawn: [Int] = []

    let layout: HeadLayout
    private let standardization: Standardization?
    /// The head's inputs, standardized if the settings say so, `[training.count, D]`.
    private let embeddings: FloatBuffer
    let values: FloatBuffer
    private let gradient: HeadGradient
    var optimizer: AdamW
    /// Identifies the training: see `digest(of:initial:training:validation:)`.
    let digest: String
    /// Number of failures at the end of `training`.
    private let failureCount: Int
    private let failuresPerBatch: Int
    private let degradedPerBatch: Int
    /// Index of each degraded copy's original, by the copy's index; empty without a ranking loss.
    private let originals: [Int: Int]
    var order: BatchSampler
    var dropout: RandomGenerator
    /// The head's parameters at the steps whose checkpoints are combined.
    var kept: [[Float]] = []
    /// The head's parameters at the lowest held-out loss.
    var best: (loss: Double, evaluation: Int, values: [Float])?

    /// - Parameters:
    ///   - failures: Embeddings of failed samples. They are trained on with the label 0 beside both
    ///     classes, and never used to evaluate a head.
    ///   - initial: The head to start from; nil initializes one from the seed.
    /// - Throws: `RewardError.badSetting` or `.badExamples`.
    public init(
        settings: TrainingSettings, training: [Example], validation: [Example],
        failures: [[Float]] = [], initial: RewardHead? = nil
    ) throws(RewardError) {
        try settings.validate()
        let classes = training.indices
        let training = training + failures.map { Example(embedding: $0, label: 0) }
        let width = try Self.width(of: training + validation)
        if let initial, initial.width != width {
            throw .badExamples(
                reason: "embeddings have \(width) values, the initial head takes \(initial.width)")
        }
        let degraded = classes.filter { training[$0].isDegraded }
        let proxies = classes.filter { training[$0].isProxy && !training[$0].isDegraded }
        let generated = classes.filter {
            !training[$0].isProxy && !training[$0].isDegraded
        }
        guard !proxies.isEmpty, !generated.isEmpty else {
            throw .badExamples(
                reason: """
                    \(proxies.count) proxy and \(generated.count) generated examples to train on; \
                    both are needed
                    """)
        }
        let failuresPerBatch = failures.isEmpty ? 0 : settings.failuresPerBatch
        let degradedPerBatch = degraded.isEmpty ? 0 : settings.degradedPerBatch
        let learnsPairs = settings.pairWeight > 0 && degradedPerBatch > 0
        let originals = learnsPairs ? try Self.originals(of: degraded, in: training) : [:]
        self.settings = settings
        self.training = training
        self.validation = validation
        layout = HeadLayout(width: width, architecture: settings.architecture)

        let standardization =
            settings.standardizesEmbeddings
            ? Standardization(of: training[classes].map(\.embedding)) : nil
        self.standardization = standardization
        embeddings = FloatBuffer(count: training.count * width)
        for (row, example) in training.enumerated() {
            let embedding = standardization?.apply(to: example.embedding) ?? example.embedding
            for i in 0..<width { embeddings.start[row * width + i] = embedding[i] }
        }
        var head =
            initial
            ?? RewardHead(width: width, seed: settings.seed, architecture: settings.architecture)
        digest = Self.digest(
            of: settings, initial: head, training: training, validation: validation)
        if initial != nil, let standardization {
            head = standardization.inverse.folded(into: head)
        }
        values = FloatBuffer(copying: head.values)
        failureCount = failures.count
        self.failuresPerBatch = failuresPerBatch
        self.degradedPerBatch = degradedPerBatch
        self.originals = originals
        let classRows = settings.batchSize + failuresPerBatch
        gradient = HeadGradient(
            layout: layout,
            batchSize: classRows + (learnsPairs ? 2 : 1) * degradedPerBatch,
            labelled: classRows + (learnsPairs ? 0 : degradedPerBatch),
            batches: settings.accumulation, pairWeight: settings.pairWeight)
        optimizer = AdamW(settings, layout: layout)
        order = BatchSampler(
            proxies: proxies, generated: generated,
            failures: Array(training.indices[classes.upperBound...]), degraded: degraded,
            perBatch: (settings.batchSize, failuresPerBatch, degradedPerBatch),
            seed: settings.seed)
        dropout = RandomGenerator(seed: settings.seed, stream: .dropout)
        drawn = Array(
            repeating: 0, count: (classRows + degradedPerBatch) * settings.accumulation)
    }

    /// The head after the steps so far.
    public var head: RewardHead {
        foldedHead(values.elements)
    }

    /// The head with these parameters, with the standardization of the embeddings folded in.
    private func foldedHead(_ values: [Float]) -> RewardHead {
        let head = RewardHead(layout: layout, values: values)
        return standardization?.folded(into: head) ?? head
    }

    /// Runs one step of the optimizer.
    ///
    /// - Returns: The mean loss of the step's examples, before the update.
    /// - Throws: `RewardError.diverged` if the loss is not finite.
    @discardableResult
    public mutating func step() throws(RewardError) -> Double {
        order.draw(into: &drawn)
        fillBatches()
        let loss = gradient.compute(
            values: values.start, dropout: settings.dropout, generator: &dropout)
        stepCount += 1
        guard loss.isFinite else { throw .diverged(step: stepCount) }
        optimizer.update(
            values.start, gradient, rate: settings.learningRate(atStep: stepCount))
        lossCurve.append(loss)
        if settings.keepsCheckpoint(atStep: stepCount) { kept.append(values.elements) }
        if settings.patience > 0, stepCount.isMultiple(of: settings.evaluationInterval) {
            evaluate()
        }
        return loss
    }

    /// Copies the drawn examples into the gradient's buffers: per batch first the drawn examples,
    /// then the originals of its degraded copies if there is a ranking loss.
    private func fillBatches() {
        let perBatch = settings.batchSize + failuresPerBatch + degradedPerBatch
        var row = 0
        var pairs: [(better: Int, worse: Int)] = []
        func add(_ index: Int, weight: Double) {
            let width = layout.width
            (gradient.input.start + row * width).update(
                from: embeddings.start + index * width, count: width)
            let smoothing = settings.labelSmoothing
            gradient.labels.start[row] = Float(
                training[index].label * (1 - smoothing) + smoothing / 2)
            gradient.weights.start[row] = Float(weight)
            row += 1
        }
        for start in stride(from: 0, to: drawn.count, by: perBatch) {
            let batch = drawn[start..<start + perBatch]
            for index in batch {
                add(index, weight: originals[index] == nil ? training[index].weight : 0)
            }
            guard !originals.isEmpty else { continue }
            for index in batch.suffix(degradedPerBatch) {
                guard let original = originals[index] else { continue }
                pairs.append((better: row, worse: row - degradedPerBatch))
                add(original, weight: 0)
            }
        }
        gradient.pairs = pairs
    }

    private mutating func evaluate() {
        let logits = HeadEnsemble(head).logits(of: validation)
        guard !logits.isEmpty else { return }
        let point = TrainingOutcome.ValidationPoint(
            step: stepCount,
            evaluation: Evaluation(logits: logits, labels: validation.map(\.label)))
        validationCurve.append(point)
        if point.evaluation.loss < best?.loss ?? .infinity {
            best = (point.evaluation.loss, validationCurve.count, values.elements)
        }
    }

    /// Whether all steps are done, or early stopping has ended the training.
    public var isFinished: Bool {
        if stepCount >= settings.steps { return true }
        return settings.patience > 0
            && validationCurve.count - (best?.evaluation ?? validationCurve.count)
                >= settings.patience
    }

    /// Runs the remaining steps and evaluates the head.
    ///
    /// - Parameter progress: Called after each step with the trainer and the step's loss. An error
    ///   that it throws ends the training, which can be resumed from a checkpoint.
    /// - Throws: `RewardError.diverged`, or an error of `progress`.
    public mutating func run(
        progress: (borrowing HeadTrainer, _ loss: Double) throws -> Void = { _, _ in }
    ) throws -> TrainingOutcome {
        while !isFinished {
            let loss = try step()
            try progress(self, loss)
        }
        return try outcome()
    }

    private func outcome() throws(RewardError) -> TrainingOutcome {
        let ensemble = ensemble
        let samples = training.dropLast(failureCount)
        let evaluated = samples.filter { !$0.isDegraded }
        let seen = ScoredExamples(evaluated, by: ensemble)
        guard ensemble.members.allSatisfy({ $0.values.allSatisfy(\.isFinite) }),
            let onTraining = seen.evaluation
        else {
            throw .diverged(step: stepCount)
        }
        let last = lossCurve.suffix(max(1, lossCurve.count / 10))
        let proxyCount = evaluated.count { $0.isProxy }
        return TrainingOutcome(
            ensemble: ensemble,
            metrics: TrainingMetrics(
                steps: stepCount, proxyCount: proxyCount,
                generatedCount: evaluated.count - proxyCount,
                degradedCount: samples.count - evaluated.count, failureCount: failureCount,
                loss: last.mean, training: onTraining),
            seen: seen, validation: ScoredExamples(validation, by: ensemble),
            lossCurve: lossCurve, validationCurve: validationCurve)
    }

    /// The heads that result from the training strategy.
    private var ensemble: HeadEnsemble {
        switch settings.strategy {
        case .naive, .bootstrap:
            return HeadEnsemble(foldedHead(best?.values ?? values.elements))
        case .voting:
            return HeadEnsemble(kept.map { foldedHead($0) }, isVoting: true)
        case .average:
            var head = RewardHead.average(kept.map { RewardHead(layout: layout, values: $0) })
            head.recomputeStatistics(embeddings, weights: drawingRates)
            return HeadEnsemble(foldedHead(head.values))
        }
    }

    /// Expected number of draws per batch of each training example.
    private var drawingRates: [Double] {
        let samples = training.dropLast(failureCount)
        let degradedCount = samples.count(where: \.isDegraded)
        let proxyCount = samples.count { $0.isProxy && !$0.isDegraded }
        let generatedCount = samples.count - proxyCount - degradedCount
        let half = Double(settings.batchSize) / 2
        let degraded =
            Double(degradedPerBatch) / Double(max(degradedCount, 1))
        let failure = Double(failuresPerBatch) / Double(max(failureCount, 1))
        var rates =
            samples.map { example in
                example.isDegraded
                    ? degraded : half / Double(example.isProxy ? proxyCount : generatedCount)
            } + Array(repeating: failure, count: failureCount)
        for (copy, original) in originals { rates[original] += rates[copy] }
        return rates
    }

    /// The embeddings' common width, after all examples are validated.
    private static func width(of examples: [Example]) throws(RewardError) -> Int {
        guard let width = examples.first?.embedding.count else {
            throw .badExamples(reason: "there are no examples")
        }
        guard HeadLayout.accepts(width: width) else {
            throw .badExamples(
                reason: "embeddings have \(width) values, not an even number in "
                    + "\(HeadLayout.widths.lowerBound)…\(HeadLayout.widths.upperBound)")
        }
        for (index, example) in examples.enumerated() {
            guard example.embedding.count == width else {
                throw .badExamples(
                    reason: """
                        example \(index) has \(example.embedding.count) values, the first \(width)
                        """)
            }
            guard example.embedding.allSatisfy(\.isFinite) else {
                throw .badExamples(
                    reason: "the embedding of example \(index) is not finite")
            }
            guard (0...1).contains(example.label) else {
                throw .badExamples(reason: "the label of example \(index) is not in 0…1")
            }
            guard example.weight > 0, example.weight.isFinite else {
                throw .badExamples(reason: "the weight of example \(index) is not above 0")
            }
        }
        return width
    }

    /// The index of each degraded copy's original.
    private static func originals(
        of degraded: [Int], in examples: [Example]
    ) throws(RewardError) -> [Int: Int] {
        var rows: [ByteString: Int] = [:]
        for (row, example) in examples.enumerated() where !example.isDegraded {
            if let name = example.name { rows[name] = row }
        }
        var originals: [Int: Int] = [:]
        for index in degraded {
            let name = examples[index].original
            guard let row = name.flatMap({ rows[ByteString($0)] }) else {
                throw .badExamples(
                    reason: """
                        pairs are to be learnt, but the original of example \(index) \
                        ('\(name ?? "unknown")') is not among those trained on
                        """)
            }
            originals[index] = row
        }
        return originals
    }
}
