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
    /// The examples trained on, and those held out, in input order.
    public let training: [Example]
    public let validation: [Example]
    /// Steps done.
    public private(set) var stepCount = 0
    /// The mean loss of each step so far.
    public private(set) var lossCurve: [Double] = []

    private let layout: HeadLayout
    private let standardization: Standardization?
    /// What the head sees: `[training.count, D]`.
    private let embeddings: FloatBuffer
    private let values: FloatBuffer
    private let gradient: HeadGradient
    private var optimizer: AdamW
    private var order: SampleOrder
    private var dropout: RandomGenerator
    private var indices: [Int]

    /// Trains on some examples and evaluates on others.
    ///
    /// - Parameter initial: The head to start from; a fresh one from the seed if nil.
    /// - Throws: `RewardError.badSetting` or `.badExamples`.
    public init(
        settings: TrainingSettings, training: [Example], validation: [Example],
        initial: RewardHead? = nil
    ) throws(RewardError) {
        try settings.validate()
        let width = try Self.width(of: training + validation)
        if let initial, initial.width != width {
            throw .badExamples(
                reason: "embeddings have \(width) numbers, the initial head takes \(initial.width)")
        }
        let perturbed = training.indices.filter { training[$0].isPerturbed }
        let proxies = training.indices.filter { training[$0].isProxy && !training[$0].isPerturbed }
        let generated = training.indices.filter {
            !training[$0].isProxy && !training[$0].isPerturbed
        }
        guard !proxies.isEmpty, !generated.isEmpty else {
            throw .badExamples(
                reason: """
                    \(proxies.count) proxy and \(generated.count) generated examples to train on; \
                    both are needed
                    """)
        }
        self.settings = settings
        self.training = training
        self.validation = validation
        layout = HeadLayout(width: width)

        let standardization =
            settings.standardizesEmbeddings ? Standardization(of: training.map(\.embedding)) : nil
        self.standardization = standardization
        embeddings = FloatBuffer(count: training.count * width)
        for (row, example) in training.enumerated() {
            let embedding = standardization?.apply(to: example.embedding) ?? example.embedding
            for i in 0..<width { embeddings.start[row * width + i] = embedding[i] }
        }
        var head = initial ?? RewardHead(width: width, seed: settings.seed)
        if initial != nil, let standardization {
            head = standardization.inverse.folded(into: head)
        }
        values = FloatBuffer(copying: head.values)
        let perturbedPerBatch = perturbed.isEmpty ? 0 : settings.perturbedPerBatch
        let rows = settings.batchSize + perturbedPerBatch
        gradient = HeadGradient(layout: layout, batchSize: rows, batches: settings.accumulation)
        optimizer = AdamW(settings, layout: layout)
        order = SampleOrder(
            proxies: proxies, generated: generated, perturbed: perturbed,
            perBatch: (settings.batchSize, perturbedPerBatch), seed: settings.seed)
        dropout = RandomGenerator(seed: settings.seed, stream: .dropout)
        indices = Array(repeating: 0, count: rows * settings.accumulation)
    }

    /// The head as it is now.
    public var head: RewardHead {
        let head = RewardHead(layout: layout, values: values.elements)
        return standardization?.folded(into: head) ?? head
    }

    /// One step of the optimizer.
    ///
    /// - Returns: The mean loss of its examples, before the step.
    /// - Throws: `RewardError.diverged` if that is not finite.
    @discardableResult
    public mutating func step() throws(RewardError) -> Double {
        order.draw(into: &indices)
        for (row, index) in indices.enumerated() {
            let width = layout.width
            (gradient.input.start + row * width).update(
                from: embeddings.start + index * width, count: width)
            let label = training[index].label
            let smoothing = settings.labelSmoothing
            gradient.labels.start[row] = Float(label * (1 - smoothing) + smoothing / 2)
        }
        let loss = gradient.compute(
            values: values.start, dropout: settings.dropout, generator: &dropout)
        stepCount += 1
        guard loss.isFinite else { throw .diverged(step: stepCount) }
        optimizer.update(
            values.start, gradient, rate: settings.learningRate(atStep: stepCount))
        lossCurve.append(loss)
        return loss
    }

    /// Runs the steps that are left and evaluates the head.
    ///
    /// - Parameter progress: Called after each step with its number, 1 the first, and its loss; what it
    ///   throws ends the training.
    /// - Throws: `RewardError.diverged`, or what `progress` throws.
    public mutating func run(
        progress: (_ step: Int, _ loss: Double) throws -> Void = { _, _ in }
    ) throws -> TrainingOutcome {
        while stepCount < settings.steps {
            let loss = try step()
            try progress(stepCount, loss)
        }
        let head = head
        guard head.values.allSatisfy(\.isFinite),
            let onTraining = head.evaluate(training.filter { !$0.isPerturbed })
        else {
            throw RewardError.diverged(step: stepCount)
        }
        let heldOut = head.logits(of: validation)
        let last = lossCurve.suffix(max(1, lossCurve.count / 10))
        let proxyCount = training.count { $0.isProxy && !$0.isPerturbed }
        let perturbedCount = training.count(where: \.isPerturbed)
        return TrainingOutcome(
            head: head,
            figures: TrainingFigures(
                steps: stepCount, proxyCount: proxyCount,
                generatedCount: training.count - proxyCount - perturbedCount,
                perturbedCount: perturbedCount,
                loss: last.reduce(0, +) / Double(last.count), training: onTraining,
                validation: heldOut.isEmpty
                    ? nil : Evaluation(logits: heldOut, labels: validation.map(\.label))),
            lossCurve: lossCurve,
            reference: ScoreReference(
                logits: heldOut, isProxy: validation.map { $0.label >= 0.5 }))
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
        }
        return width
    }
}
