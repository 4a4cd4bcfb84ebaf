/// Trains a head step by step; bit-reproducible from its settings and examples on one machine.
///
///     var trainer = try HeadTrainer(settings: settings, training: training, validation: heldOut)
///     let outcome = try trainer.run()
///
/// `HeadTraining` chooses the examples and bootstraps.
///
/// - Source: arXiv 2506.13846, section 4.1.
public struct HeadTrainer: ~Copyable {
    public let settings: TrainingSettings
    /// The examples trained on, failures behind them, and those held out, in input order.
    public let training: [Example]
    public let validation: [Example]
    /// Steps done.
    public internal(set) var stepCount = 0
    /// The mean loss of each step so far.
    public internal(set) var lossCurve: [Double] = []
    /// How the head did on the examples that are held out, every `settings.evaluationInterval` steps
    /// where `settings.patience` asks for it.
    public internal(set) var validationCurve: [TrainingOutcome.ValidationPoint] = []
    /// The training examples of the last step, batch after batch.
    public private(set) var drawn: [Int] = []

    let layout: HeadLayout
    private let standardization: Standardization?
    /// What the head sees: `[training.count, D]`.
    private let embeddings: FloatBuffer
    let values: FloatBuffer
    private let gradient: HeadGradient
    var optimizer: AdamW
    /// What tells this training from others.
    let digest: String
    /// How many of `training`, at its end, are failures.
    private let failureCount: Int
    private let failuresPerBatch: Int
    private let perturbedPerBatch: Int
    /// Perturbed examples and what they are worse copies of, where pairs are learnt; else empty.
    private let originals: [Int: Int]
    var order: SampleOrder
    var dropout: RandomGenerator
    /// The head's numbers at the steps that are to be combined.
    var kept: [[Float]] = []
    /// The head's numbers when the held-out loss was lowest.
    var best: (loss: Double, evaluation: Int, values: [Float])?

    /// Trains on some examples and evaluates on others.
    ///
    /// - Parameters:
    ///   - failures: Embeddings of failed samples, which are trained on with the label 0 beside both classes,
    ///     and never used to judge a head.
    ///   - initial: The head to start from; a fresh one from the seed if nil.
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
                reason: "embeddings have \(width) numbers, the initial head takes \(initial.width)")
        }
        let perturbed = classes.filter { training[$0].isPerturbed }
        let proxies = classes.filter { training[$0].isProxy && !training[$0].isPerturbed }
        let generated = classes.filter {
            !training[$0].isProxy && !training[$0].isPerturbed
        }
        guard !proxies.isEmpty, !generated.isEmpty else {
            throw .badExamples(
                reason: """
                    \(proxies.count) proxy and \(generated.count) generated examples to train on; \
                    both are needed
                    """)
        }
        let failuresPerBatch = failures.isEmpty ? 0 : settings.failuresPerBatch
        let perturbedPerBatch = perturbed.isEmpty ? 0 : settings.perturbedPerBatch
        let learnsPairs = settings.pairWeight > 0 && perturbedPerBatch > 0
        let originals = learnsPairs ? try Self.originals(of: perturbed, in: training) : [:]
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
        self.perturbedPerBatch = perturbedPerBatch
        self.originals = originals
        let classRows = settings.batchSize + failuresPerBatch
        gradient = HeadGradient(
            layout: layout,
            batchSize: classRows + (learnsPairs ? 2 : 1) * perturbedPerBatch,
            labelled: classRows + (learnsPairs ? 0 : perturbedPerBatch),
            batches: settings.accumulation, pairWeight: settings.pairWeight)
        optimizer = AdamW(settings, layout: layout)
        order = SampleOrder(
            proxies: proxies, generated: generated,
            failures: Array(training.indices[classes.upperBound...]), perturbed: perturbed,
            perBatch: (settings.batchSize, failuresPerBatch, perturbedPerBatch),
            seed: settings.seed)
        dropout = RandomGenerator(seed: settings.seed, stream: .dropout)
        drawn = Array(
            repeating: 0, count: (classRows + perturbedPerBatch) * settings.accumulation)
    }

    /// The head as it is now.
    public var head: RewardHead {
        finished(values.elements)
    }

    /// The head of these numbers, for embeddings as they are.
    private func finished(_ values: [Float]) -> RewardHead {
        let head = RewardHead(layout: layout, values: values)
        return standardization?.folded(into: head) ?? head
    }

    /// One step of the optimizer.
    ///
    /// - Returns: The mean loss of its examples, before the step.
    /// - Throws: `RewardError.diverged` if that is not finite.
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

    /// Lays the drawn examples out as the gradient wants them: of each batch first what was drawn,
    /// then the originals of its perturbed ones where pairs are learnt.
    private func fillBatches() {
        let perBatch = settings.batchSize + failuresPerBatch + perturbedPerBatch
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
            for index in batch.suffix(perturbedPerBatch) {
                guard let original = originals[index] else { continue }
                pairs.append((better: row, worse: row - perturbedPerBatch))
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

    /// Whether there is nothing left to do: all steps are done, or the held-out loss has not fallen
    /// for too long.
    public var isFinished: Bool {
        if stepCount >= settings.steps { return true }
        return settings.patience > 0
            && validationCurve.count - (best?.evaluation ?? validationCurve.count)
                >= settings.patience
    }

    /// Runs the steps that are left and evaluates the head.
    ///
    /// - Parameter progress: Called after each step with its number, 1 the first, and its loss; what it
    ///   throws ends the training, which a checkpoint lets go on.
    /// - Throws: `RewardError.diverged`, or what `progress` throws.
    public mutating func run(
        progress: (borrowing HeadTrainer, _ loss: Double) throws -> Void = { _, _ in }
    ) throws -> TrainingOutcome {
        while !isFinished {
            let loss = try step()
            try progress(self, loss)
        }
        return try outcome()
    }

    /// What the training has led to.
    private func outcome() throws(RewardError) -> TrainingOutcome {
        let ensemble = ensemble
        let samples = training.dropLast(failureCount)
        let judged = samples.filter { !$0.isPerturbed }
        let seen = JudgedExamples(judged, by: ensemble)
        guard ensemble.members.allSatisfy({ $0.values.allSatisfy(\.isFinite) }),
            let onTraining = seen.evaluation
        else {
            throw .diverged(step: stepCount)
        }
        let last = lossCurve.suffix(max(1, lossCurve.count / 10))
        let proxyCount = judged.count { $0.isProxy }
        return TrainingOutcome(
            ensemble: ensemble,
            figures: TrainingFigures(
                steps: stepCount, proxyCount: proxyCount,
                generatedCount: judged.count - proxyCount,
                perturbedCount: samples.count - judged.count, failureCount: failureCount,
                loss: last.reduce(0, +) / Double(last.count), training: onTraining),
            seen: seen, validation: JudgedExamples(validation, by: ensemble),
            lossCurve: lossCurve, validationCurve: validationCurve)
    }

    /// The heads that the strategy makes of the training.
    private var ensemble: HeadEnsemble {
        switch settings.strategy {
        case .naive, .bootstrap:
            return HeadEnsemble(finished(best?.values ?? values.elements))
        case .voting:
            return HeadEnsemble(kept.map { finished($0) }, isVoting: true)
        case .average:
            var head = RewardHead.average(kept.map { RewardHead(layout: layout, values: $0) })
            head.recomputeStatistics(embeddings, weights: drawingRates)
            return HeadEnsemble(finished(head.values))
        }
    }

    /// How often each training example is drawn per batch.
    private var drawingRates: [Double] {
        let samples = training.dropLast(failureCount)
        let perturbedCount = samples.count(where: \.isPerturbed)
        let proxyCount = samples.count { $0.isProxy && !$0.isPerturbed }
        let generatedCount = samples.count - proxyCount - perturbedCount
        let half = Double(settings.batchSize) / 2
        let perturbed =
            Double(perturbedPerBatch) / Double(max(perturbedCount, 1))
        let failure = Double(failuresPerBatch) / Double(max(failureCount, 1))
        var rates =
            samples.map { example in
                example.isPerturbed
                    ? perturbed : half / Double(example.isProxy ? proxyCount : generatedCount)
            } + Array(repeating: failure, count: failureCount)
        for (copy, original) in originals { rates[original] += rates[copy] }
        return rates
    }

    /// The embeddings' common width.
    private static func width(of examples: [Example]) throws(RewardError) -> Int {
        guard let width = examples.first?.embedding.count else {
            throw .badExamples(reason: "there are no examples")
        }
        guard HeadLayout.accepts(width: width) else {
            throw .badExamples(
                reason: "embeddings have \(width) numbers, not an even number in "
                    + "\(HeadLayout.widths.lowerBound)…\(HeadLayout.widths.upperBound)")
        }
        for (index, example) in examples.enumerated() {
            guard example.embedding.count == width else {
                throw .badExamples(
                    reason: """
                        example \(index) has \(example.embedding.count) numbers, the first \(width)
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

    /// The row of each perturbed example's original.
    private static func originals(
        of perturbed: [Int], in examples: [Example]
    ) throws(RewardError) -> [Int: Int] {
        var rows: [String: Int] = [:]
        for (row, example) in examples.enumerated() where !example.isPerturbed {
            if let name = example.name { rows[name] = row }
        }
        var originals: [Int: Int] = [:]
        for index in perturbed {
            let name = examples[index].original
            guard let row = name.flatMap({ rows[$0] }) else {
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
