import Encoders
import Frames
public import Reward

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

    /// - Parameters:
    ///   - samples: At least one side.
    ///   - bootstrap: Nil: candidates among the samples are not used.
    ///   - initial: The reward model to start from, of a single head; nil: fresh weights.
    /// - Throws: `RewardError.badSetting`, `.badExamples`, or `.encoderMismatch` for samples that were
    ///   made by other encoders than those of `initial`.
    public init(
        _ samples: TrainingSamples, settings: TrainingSettings, bootstrap: RankBootstrap? = nil,
        initial: RewardModel? = nil
    ) throws(RewardError) {
        if let count = initial?.ensemble.members.count, count > 1 {
            throw .badSetting(
                name: "initial", requirement: "a single head, not an ensemble of \(count)")
        }
        for (kind, identity) in samples.encoders { try initial?.check(identity, for: kind) }
        self.samples = samples
        self.initial = initial
        plan = try HeadTraining(
            settings: settings, examples: samples.examples, validation: samples.validation,
            bootstrap: bootstrap, candidates: samples.candidates,
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
        let model = try model(
            result.ensemble, record: record, reference: result.validation.reference)
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
        _ ensemble: HeadEnsemble, record: TrainingRecord? = nil, reference: ScoreReference? = nil
    ) throws -> RewardModel {
        try RewardModel(
            ensemble: ensemble, encoders: samples.encoders,
            sampling: samples.sampling ?? .uniform(UniformSampling()), training: record,
            reference: reference)
    }
}
