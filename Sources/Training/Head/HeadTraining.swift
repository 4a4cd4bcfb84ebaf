public import Reward
import TextFormats

/// A complete training: for every fold one round, and one more per bootstrapping iteration.
///
///     let training = try HeadTraining(settings: settings, examples: examples)
///     let result = try training.run { foldRound, event in … }
///     let ensemble = result.ensemble
public struct HeadTraining: Sendable {
    public let settings: TrainingSettings
    /// Training and held-out examples: one part, or one per fold.
    public let parts: [Split]
    /// Nil disables bootstrapping.
    public let bootstrap: RankBootstrap?
    /// The head that every round starts from; nil initializes one from the seed.
    public let initial: RewardHead?
    /// Embeddings of failed samples, which are trained on in every fold and round.
    public let failures: [[Float]]

    /// The examples of one fold.
    public struct Split: Sendable {
        /// Training examples of every round, in input order.
        public let training: [Example]
        /// Held-out examples, in input order. Degraded copies of held-out groups are not used.
        public let validation: [Example]
        /// Candidates that are ranked for bootstrapping, without those of held-out groups.
        public let candidates: [Example]
    }

    /// The fold and round of a training.
    public struct FoldRound: Sendable, Hashable {
        /// Zero-based.
        public let fold: Int
        /// Zero-based; round 0 has no bootstrapped examples.
        public let round: Int
    }

    public enum Event: Sendable {
        /// An interrupted training resumes after this step.
        case resumed(step: Int)
        /// A step is done. `drawn` are the indices of its training examples, batch after batch, in
        /// the fold's `training` followed by the bootstrapped examples.
        case step(Int, loss: Double, learningRate: Double, drawn: [Int])
        /// The head was evaluated on the held-out examples.
        case evaluated(TrainingOutcome.ValidationPoint)
        /// Candidates were labelled by the previous round's heads.
        case ranked([RankBootstrap.PseudoLabel])
        case finished(TrainingOutcome)
    }

    /// Splits the examples by group: into `settings.folds` parts, or by `settings.validationShare`.
    ///
    /// - Parameters:
    ///   - validation: Held-out examples. If given, `examples` are not split; excludes folds.
    ///   - candidates: Further generator outputs to bootstrap from; their labels are ignored.
    ///   - failures: Embeddings of failed samples; see `HeadTrainer`.
    ///   - initial: The head that every round starts from; nil initializes one from the seed.
    /// - Throws: `RewardError.badSetting` or `.badExamples`.
    public init(
        settings: TrainingSettings, examples: [Example], validation: [Example]? = nil,
        bootstrap: RankBootstrap? = nil, candidates: [Example] = [], failures: [[Float]] = [],
        initial: RewardHead? = nil
    ) throws(RewardError) {
        try settings.validate()
        try bootstrap?.validate()
        if settings.strategy == .naive, bootstrap != nil {
            throw .badSetting(
                name: "strategy", requirement: "another than naive where there are candidates")
        }
        let splits: [(training: [Example], validation: [Example])]
        if let validation {
            guard settings.folds == 0 else {
                throw .badSetting(
                    name: "folds", requirement: "0 where validation samples are given")
            }
            let heldOut = Set(validation.compactMap { $0.group.map { ByteString($0) } })
            if let group = examples.lazy.compactMap(\.group).first(where: { heldOut.contains($0) })
            {
                throw .badExamples(
                    reason: """
                        group '\(group)' is to be trained on and to be held out; take it out of one
                        """)
            }
            splits = [(examples, validation)]
        } else {
            let indices =
                settings.folds > 0
                ? GroupSplit.folds(examples, count: settings.folds, seed: settings.seed)
                : [GroupSplit(examples, share: settings.validationShare, seed: settings.seed)]
            splits = indices.map { split in
                (split.training.map { examples[$0] }, split.validation.map { examples[$0] })
            }
        }
        self.settings = settings
        parts = splits.map { split in
            let heldOut = Set(split.validation.compactMap { $0.group.map { ByteString($0) } })
            return Split(
                training: split.training, validation: split.validation.filter { !$0.isDegraded },
                candidates: candidates.filter { $0.group.map { !heldOut.contains($0) } ?? true })
        }
        if settings.patience > 0, parts.contains(where: \.validation.isEmpty) {
            throw .badExamples(reason: "to stop early, some examples have to be held out")
        }
        self.bootstrap = bootstrap
        self.initial = initial
        self.failures = failures
    }

    /// Trains fold by fold, and each fold round by round.
    ///
    /// - Parameters:
    ///   - checkpoints: Folder for writing and resuming checkpoints; nil disables them.
    ///   - progress: Called for each event; an error that it throws ends the training.
    /// - Throws: `RewardError`, or an error of `progress` or of writing a checkpoint.
    public func run(
        checkpoints: CheckpointFolder? = nil,
        progress: (FoldRound, Event) throws -> Void = { _, _ in }
    ) throws -> TrainingResult {
        var rounds: [[TrainingResult.Training]] = []
        for (fold, part) in parts.enumerated() {
            var last: TrainingOutcome?
            for round in 0...(bootstrap?.iterations ?? 0) {
                let foldRound = FoldRound(fold: fold, round: round)
                let training = try train(
                    part, after: last, checkpoints: checkpoints, foldRound, progress)
                last = training.outcome
                if round == rounds.count { rounds.append([]) }
                rounds[round].append(training)
            }
        }
        return TrainingResult(rounds: rounds, settings: settings)
    }

    /// Trains one round of one fold.
    private func train(
        _ part: Split, after previous: TrainingOutcome?, checkpoints: CheckpointFolder?,
        _ foldRound: FoldRound,
        _ progress: (FoldRound, Event) throws -> Void
    ) throws -> TrainingResult.Training {
        var pseudoLabels: [RankBootstrap.PseudoLabel] = []
        if let bootstrap, let previous {
            let scores = previous.ensemble.scores(of: part.candidates)
            let order = previous.ensemble.order(scores)
            // Excluded candidates come last: they may still be pseudo-negatives.
            let (excluded, eligible) = (
                order.filter { part.candidates[$0].isExcluded },
                order.filter { !part.candidates[$0].isExcluded }
            )
            guard eligible.count >= bootstrap.top else {
                throw RewardError.badExamples(
                    reason: """
                        \(eligible.count) of \(order.count) candidates may win, fewer than the \
                        \(bootstrap.top) best that are asked for; the others show nothing or are unlike \
                        anything trained on
                        """)
            }
            pseudoLabels = try bootstrap.labels(
                for: scores.map { $0.logit }, order: eligible + excluded)
            try progress(foldRound, .ranked(pseudoLabels))
        }
        let added = pseudoLabels.map { pseudo in
            Example(
                embedding: part.candidates[pseudo.index].embedding, label: pseudo.label,
                isProxy: pseudo.rank != nil, group: part.candidates[pseudo.index].group)
        }
        var trainer = try HeadTrainer(
            settings: settings, training: part.training + added, validation: part.validation,
            failures: failures, initial: initial)
        if let checkpoints, trainer.resume(from: checkpoints.path(of: foldRound)) {
            try progress(foldRound, .resumed(step: trainer.stepCount))
        }
        var evaluations = trainer.validationCurve.count
        var written = ContinuousClock.now
        let outcome = try trainer.run { trainer, loss in
            if let checkpoints, written.duration(to: .now) >= checkpoints.interval {
                try checkpoints.write(trainer, at: foldRound)
                written = .now
            }
            do {
                let step = trainer.stepCount
                try progress(
                    foldRound,
                    .step(
                        step, loss: loss, learningRate: settings.learningRate(atStep: step),
                        drawn: trainer.drawn))
                if trainer.validationCurve.count > evaluations,
                    let point = trainer.validationCurve.last
                {
                    evaluations += 1
                    try progress(foldRound, .evaluated(point))
                }
            } catch {
                try checkpoints?.write(trainer, at: foldRound)
                throw error
            }
        }
        // Further trainings may follow: a resumed run must not repeat this one.
        if parts.count > 1 || bootstrap != nil { try checkpoints?.write(trainer, at: foldRound) }
        try progress(foldRound, .finished(outcome))
        return TrainingResult.Training(outcome: outcome, pseudoLabels: pseudoLabels)
    }
}
