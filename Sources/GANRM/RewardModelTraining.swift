import Encoders
import Frames
public import Reward
import Tensors

/// A training from embeddings to a reward model.
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
    private let damage: DamageFit?

    /// - Parameters:
    ///   - samples: At least one side.
    ///   - failures: Embeddings of failed samples, for both kinds of input by the encoders of `samples`.
    ///   - damage: Whether degraded copies teach a part of its own what damage costs, instead of the head.
    ///   - bootstrap: Nil: candidates among the samples are not used.
    ///   - initial: The reward model to start from, of a single head; nil: fresh weights.
    /// - Throws: `RewardError.badSetting`, `.badExamples`, or `.encoderMismatch` for samples that were
    ///   made by other encoders than those of `initial`.
    public init(
        _ samples: TrainingSamples, settings: TrainingSettings, bootstrap: RankBootstrap? = nil,
        failures: [[Float]] = [], damage learnsDamage: Bool = false, initial: RewardModel? = nil
    ) throws(RewardError) {
        if let count = initial?.ensemble.members.count, count > 1 {
            throw .badSetting(
                name: "initial", requirement: "a single head, not an ensemble of \(count)")
        }
        // The head goes on; parts, which motion belongs to, are learnt anew.
        for (kind, identity) in samples.encoders {
            try initial?.check(identity, for: kind, ignoringMotion: true)
        }
        self.samples = samples
        self.initial = initial
        let familiarity = FamiliarityFit.familiarity(of: samples.examples, seed: settings.seed)
        self.familiarity = familiarity
        /// As the finished model will see them.
        func seen(_ examples: [Example]) -> [Example] {
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
        if learnsDamage {
            let taps = samples.encoders.values.map(\.taps.count).max() ?? 1
            damage = DamageFit(examples, blockCount: 2 * taps, seed: settings.seed)
            guard damage != nil else {
                throw .badExamples(
                    reason: """
                        there are too few samples or degraded copies to learn what damage is; add --perturb or \
                        more samples
                        """)
            }
            examples.removeAll { $0.isPerturbed }
        } else {
            damage = nil
        }
        let width = samples.encoders.values.map(\.contentWidth).max() ?? 0
        plan = try HeadTraining(
            settings: settings, examples: seen(examples),
            validation: samples.validation.map(seen), bootstrap: bootstrap,
            candidates: seen(samples.candidates),
            failures: failures.map { failure in
                let content = Array(failure.prefix(width))
                return familiarity?.bounded(content).embedding ?? content
            },
            initial: initial?.ensemble.members.first)
    }

    /// Trains; see `HeadTraining.run`.
    ///
    /// - Returns: The reward model with the record of its training, and how that went.
    public func run(
        checkpoints: CheckpointFolder? = nil,
        progress: (HeadTraining.Place, HeadTraining.Event) throws -> Void = { _, _ in }
    ) throws -> (model: RewardModel, result: TrainingResult) {
        let result = try plan.run(checkpoints: checkpoints, progress: progress)
        let hasLabels = plan.bootstrap != nil && plan.settings.folds == 0
        let record = TrainingRecord(
            settings: plan.settings, figures: result.figures, lineage: try lineage(of: result),
            bootstrap: plan.bootstrap,
            pseudoLabels: hasLabels ? result.rounds.last?.first?.pseudoLabels : nil)
        // What is held out loses what it will lose, by a part that has not seen it either.
        let heldOut = plan.parts.flatMap(\.validation)
        // One deviation of damage costs as much as one of the logits.
        let logitsOfHeads = result.validation.logits
        let part = damage?.part(
            weight: logitsOfHeads.count > 1 ? logitsOfHeads.standardDeviation : 1)
        let logits = zip(logitsOfHeads, heldOut).map { logit, example in
            guard let part else { return logit }
            let known = example.name.flatMap { damage?.heldOut[$0] }
            return logit
                - part.damage(at: known ?? part.deviations(of: example.embedding + example.motion))
        }
        let model = try model(
            result.ensemble, record: record,
            reference: ScoreReference(
                logits: logits, isProxy: result.validation.labels.map { $0 >= 0.5 }),
            damage: part)
        return (model, result)
    }

    /// Fingerprints of the models that the last one came from, oldest first.
    private func lineage(of result: TrainingResult) throws -> [String] {
        (initial.map { ($0.training?.lineage ?? []) + [$0.fingerprint] } ?? [])
            + (try result.rounds.indices.dropLast().map {
                try model(result.ensemble(ofRound: $0)).fingerprint
            })
    }

    private func model(
        _ ensemble: HeadEnsemble, record: TrainingRecord? = nil, reference: ScoreReference? = nil,
        damage: DamagePart? = nil
    ) throws -> RewardModel {
        // Nobody is asked for what no part judges.
        let encoders = samples.encoders.mapValues { damage?.motion == nil ? $0.withoutMotion : $0 }
        return try RewardModel(
            ensemble: ensemble, encoders: encoders,
            sampling: samples.sampling ?? .uniform(UniformSampling()), training: record,
            reference: reference, familiarity: familiarity, damage: damage)
    }
}
