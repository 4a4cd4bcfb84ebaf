import Encoders
import Frames
public import Pipeline
public import Reward
import Statistics
import TextFormats

/// Trains a reward model from embedded samples.
///
///     let loader = ModelLoader()
///     let samples = try TrainingSides(proxy: ["good/"], generated: ["raw/"])
///         .samples(by: InputEmbedding(loader.encoders()))
///     let failures = try FailureEmbedding.embeddings(for: samples, by: loader)
///     let trained = try RewardModelTraining(samples, failures: failures).run()
///     try trained.model.write(to: "head.safetensors")
public struct RewardModelTraining: Sendable {
    public let plan: HeadTraining
    private let samples: TrainingSamples
    private let initial: RewardModel?
    private let familiarity: Familiarity?
    private let degradation: DegradationFit?
    private let failures: [FailureEmbedding]

    /// The result of a training.
    public struct Output: Sendable {
        /// The reward model, with the record of its training.
        public let model: RewardModel
        /// Heads, metrics and held-out scores by fold and round.
        public let result: TrainingResult
        /// How the model scores the failures; without rows if there were none.
        public let check: HeadCheck
    }

    /// - Parameters:
    ///   - samples: Samples of at least one side.
    ///   - bootstrap: Settings for the candidates among the samples; nil ignores candidates.
    ///   - failures: Failure patterns, embedded by the encoders of `samples`. Those that are
    ///     `isInTraining` are trained on, and all are scored by the finished model.
    ///   - trainsDegradationPart: Whether degraded copies train a degradation part instead of the head.
    ///   - initial: The reward model to continue from, which must have a single head; nil starts
    ///     from new weights.
    /// - Throws: `RewardError.badSetting`, `.badExamples`, or `.encoderMismatch` if the encoders of
    ///   the samples are not those of `initial`.
    public init(
        _ samples: TrainingSamples, settings: TrainingSettings = .init(),
        bootstrap: RankBootstrap? = nil, failures: [FailureEmbedding] = [],
        trainsDegradationPart: Bool = false, initial: RewardModel? = nil
    ) throws(RewardError) {
        if let initial { try Self.check(initial: initial) }
        // Only the head is continued. Motion features belong to the degradation part, which is
        // fitted anew.
        for (kind, identity) in samples.encoders {
            try initial?.check(identity, for: kind, ignoringMotion: true)
        }
        self.samples = samples
        self.initial = initial
        self.failures = failures
        let familiarity = FamiliarityFit.familiarity(of: samples.examples, seed: settings.seed)
        self.familiarity = familiarity
        /// Examples with bounded embeddings, as the head gets them from the finished model.
        func bounded(_ examples: [Example]) -> [Example] {
            guard let familiarity else { return examples }
            return examples.map { example in
                var example = example
                let (embedding, distance) = familiarity.bounded(example.embedding)
                example.embedding = embedding
                example.isExcluded = example.isExcluded || distance > familiarity.limit
                return example
            }
        }
        var examples = samples.examples
        if trainsDegradationPart {
            let taps = samples.encoders.values.map(\.taps.count).max() ?? 1
            degradation = DegradationFit(examples, blockCount: 2 * taps, seed: settings.seed)
            guard degradation != nil else {
                throw .badExamples(
                    reason: """
                        there are too few samples or degraded copies to learn what damage is; add --perturb or \
                        more samples
                        """)
            }
            examples.removeAll { $0.isDegraded }
        } else {
            degradation = nil
        }
        let width = samples.encoders.values.map(\.contentWidth).max() ?? 0
        plan = try HeadTraining(
            settings: settings, examples: bounded(examples),
            validation: samples.validation.map(bounded), bootstrap: bootstrap,
            candidates: bounded(samples.candidates),
            failures: failures.filter(\.pattern.isInTraining).map { failure in
                let content = Array(failure.embedding.prefix(width))
                return familiarity?.bounded(content).embedding ?? content
            },
            initial: initial?.ensemble.members.first)
    }

    /// Checks that a training can start from a reward model, before samples are embedded for it.
    ///
    /// - Throws: `RewardError.badSetting` for an ensemble.
    public static func check(initial: RewardModel) throws(RewardError) {
        let count = initial.ensemble.members.count
        guard count > 1 else { return }
        throw .badSetting(
            name: "initial", requirement: "a single head, not an ensemble of \(count)")
    }

    /// Trains; see `HeadTraining.run`.
    ///
    /// - Parameters:
    ///   - checkpoints: Folder for writing and resuming checkpoints, to be removed by the caller
    ///     once the model is written; nil disables them.
    ///   - log: Receives all events.
    ///   - progress: Called for each event; an error that it throws ends the training.
    /// - Throws: `RewardError`, errors of `progress` and of writing, and `CancellationError` at an
    ///   interruption, after a checkpoint is written.
    public func run(
        checkpoints: CheckpointFolder? = nil, log: TrainingLog? = nil,
        interruption: Interruption = Interruption(),
        progress: (HeadTraining.FoldRound, HeadTraining.Event) throws -> Void = { _, _ in }
    ) throws -> Output {
        let result = try plan.run(checkpoints: checkpoints) { position, event in
            try log?.write(position, event)
            try progress(position, event)
            try interruption.check()
        }
        let hasLabels = plan.bootstrap != nil && plan.settings.folds == 0
        let record = TrainingRecord(
            settings: plan.settings, metrics: result.metrics, lineage: try lineage(of: result),
            bootstrap: plan.bootstrap,
            pseudoLabels: hasLabels ? result.rounds.last?.first?.pseudoLabels : nil)
        // The reference needs the penalty of held-out samples, from fits that held them out as well.
        let heldOut = plan.parts.flatMap(\.validation)
        // One standard deviation of S has the weight of one of the logits.
        let headLogits = result.validation.logits
        let part = degradation?.part(
            weight: headLogits.count > 1 ? headLogits.standardDeviation : 1)
        let logits = zip(headLogits, heldOut).map { logit, example in
            guard let part else { return logit }
            let known = example.name.flatMap { degradation?.heldOut[$0] }
            return logit
                - part.penalty(at: known ?? part.deviations(of: example.embedding + example.motion))
        }
        let model = try model(
            result.ensemble, record: record,
            reference: ScoreReference(
                logits: logits, isProxy: result.validation.labels.map { $0 >= 0.5 }),
            degradation: part)
        return Output(model: model, result: result, check: try HeadCheck(model, failures))
    }

    /// Fingerprints of the model's ancestors, oldest first.
    private func lineage(of result: TrainingResult) throws -> [String] {
        (initial.map { ($0.training?.lineage ?? []) + [$0.fingerprint] } ?? [])
            + (try result.rounds.indices.dropLast().map {
                try model(result.ensemble(ofRound: $0)).fingerprint
            })
    }

    private func model(
        _ ensemble: HeadEnsemble, record: TrainingRecord? = nil, reference: ScoreReference? = nil,
        degradation: DegradationPart? = nil
    ) throws -> RewardModel {
        guard let sampling = samples.sampling else {
            preconditionFailure("samples that were trained on have a sampling")
        }
        return try RewardModel(
            ensemble: ensemble, encoders: samples.encoders, sampling: sampling, training: record,
            reference: reference, familiarity: familiarity, degradation: degradation)
    }
}
