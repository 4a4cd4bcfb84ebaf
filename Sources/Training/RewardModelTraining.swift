import Encoders
import Frames
public import Reward
import Statistics

/// Trains a reward model from embeddings.
///
///     var samples = TrainingSamples()
///     try samples.append(good, as: .proxy)
///     try samples.append(raw, as: .generated)
///     let model = try RewardModelTraining(samples, settings: settings).run().model
public struct RewardModelTraining: Sendable {
    public let plan: HeadTraining
    private let samples: TrainingSamples
    private let initial: RewardModel?
    private let familiarity: Familiarity?
    private let degradation: DegradationFit?

    /// - Parameters:
    ///   - samples: Samples of at least one side.
    ///   - bootstrap: Settings for the candidates among the samples; nil ignores candidates.
    ///   - failures: Embeddings of failure patterns, by the encoders of `samples`.
    ///   - trainsDegradationPart: Whether degraded copies train a degradation part instead of the head.
    ///   - initial: The reward model to continue from, which must have a single head; nil starts
    ///     from new weights.
    /// - Throws: `RewardError.badSetting`, `.badExamples`, or `.encoderMismatch` if the encoders of
    ///   the samples are not those of `initial`.
    public init(
        _ samples: TrainingSamples, settings: TrainingSettings, bootstrap: RankBootstrap? = nil,
        failures: [[Float]] = [], trainsDegradationPart: Bool = false,
        initial: RewardModel? = nil
    ) throws(RewardError) {
        if let count = initial?.ensemble.members.count, count > 1 {
            throw .badSetting(
                name: "initial", requirement: "a single head, not an ensemble of \(count)")
        }
        // Only the head is continued. Motion features belong to the degradation part, which is
        // fitted anew.
        for (kind, identity) in samples.encoders {
            try initial?.check(identity, for: kind, ignoringMotion: true)
        }
        self.samples = samples
        self.initial = initial
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
            failures: failures.map { failure in
                let content = Array(failure.prefix(width))
                return familiarity?.bounded(content).embedding ?? content
            },
            initial: initial?.ensemble.members.first)
    }

    /// Trains; see `HeadTraining.run`.
    ///
    /// - Returns: The reward model with the record of its training, and the results of the
    ///   training.
    public func run(
        checkpoints: CheckpointFolder? = nil,
        progress: (HeadTraining.FoldRound, HeadTraining.Event) throws -> Void = { _, _ in }
    ) throws -> (model: RewardModel, result: TrainingResult) {
        let result = try plan.run(checkpoints: checkpoints, progress: progress)
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
        return (model, result)
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
        // Without a damage part that uses motion, the encoders need not compute motion features.
        let encoders = samples.encoders.mapValues { damage?.motion == nil ? $0.withoutMotion : $0 }
        return try RewardModel(
            ensemble: ensemble, encoders: encoders, sampling: sampling, training: record,
            reference: reference, familiarity: familiarity, damage: damage)
    }
}
