/// A training from examples to the last heads: once, then once more per bootstrapping iteration, and all
/// of that for every fold.
///
///     let training = try HeadTraining(settings: settings, examples: examples)
///     let result = try training.run { place, event in … }
///     let ensemble = result.ensemble
public struct HeadTraining: Sendable {
    public let settings: TrainingSettings
    /// What is trained on and what is held out: one part, or one per fold.
    public let parts: [Part]
    /// Nil: one round without it.
    public let bootstrap: RankBootstrap?
    /// The head to start from in every round; nil: fresh weights.
    public let initial: RewardHead?
    /// Embeddings of failed samples, which every fold and round sees.
    public let failures: [[Float]]

    /// The examples of one fold.
    public struct Part: Sendable {
        /// Trained on in every round, in input order.
        public let training: [Example]
        /// Held out, in input order; perturbed examples of a group that is held out are not used at
        /// all.
        public let validation: [Example]
        /// What is ranked for bootstrapping: of no group that is held out.
        public let candidates: [Example]
    }

    /// Where a training stands.
    public struct Place: Sendable, Hashable {
        /// From 0.
        public let fold: Int
        /// From 0, without bootstrapped examples.
        public let round: Int
    }

    public enum Event: Sendable {
        /// An interrupted training goes on behind this step.
        case resumed(step: Int)
        /// A step is done. `drawn`: its training examples, batch after batch, by their place in the
        /// fold's `training`, bootstrapped ones after them.
        case step(Int, loss: Double, learningRate: Double, drawn: [Int])
        /// The head was tried on the examples that are held out.
        case evaluated(TrainingOutcome.ValidationPoint)
        /// Candidates were labelled by the round before.
        case ranked([RankBootstrap.PseudoLabel])
        case finished(TrainingOutcome)
    }

    /// Splits the examples by group: into `settings.folds` parts, or by `settings.validationShare`.
    ///
    /// - Parameters:
    ///   - validation: Held out instead; no split then, and no folds.
    ///   - candidates: Further generator outputs; their labels do not matter.
    ///   - failures: Embeddings of failed samples; see `HeadTrainer`.
    ///   - initial: The head to start from; nil: fresh weights.
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
            let heldOut = Set(validation.compactMap { $0.group })
            if let group = examples.lazy.compactMap(\.group).first(where: heldOut.contains) {
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
            let heldOut = Set(split.validation.compactMap { $0.group })
            return Part(
                training: split.training, validation: split.validation.filter { !$0.isPerturbed },
                candidates: candidates.filter { $0.group.map { !heldOut.contains($0) } ?? true })
        }
        if settings.patience > 0, parts.contains(where: \.validation.isEmpty) {
            throw .badExamples(reason: "to stop early, some examples have to be held out")
        }
        self.bootstrap = bootstrap
        self.initial = initial
        self.failures = failures
    }

    /// Trains fold after fold, and of each round after round.
    ///
    /// - Parameters:
    ///   - checkpoints: Where an interrupted training goes on; nil: it begins anew.
    ///   - progress: What it throws ends the training.
    public func run(
        checkpoints: CheckpointFolder? = nil,
        progress: (Place, Event) throws -> Void = { _, _ in }
    ) throws -> TrainingResult {
        var rounds: [[TrainingResult.Training]] = []
        for (fold, part) in parts.enumerated() {
            var last: TrainingOutcome?
            for round in 0...(bootstrap?.iterations ?? 0) {
                let place = Place(fold: fold, round: round)
                let training = try train(
                    part, after: last, checkpoints: checkpoints, place, progress)
                last = training.outcome
                if round == rounds.count { rounds.append([]) }
                rounds[round].append(training)
            }
        }
        return TrainingResult(rounds: rounds, settings: settings)
    }

    /// One training of one fold.
    private func train(
        _ part: Part, after before: TrainingOutcome?, checkpoints: CheckpointFolder?,
        _ place: Place,
        _ progress: (Place, Event) throws -> Void
    ) throws -> TrainingResult.Training {
        var pseudoLabels: [RankBootstrap.PseudoLabel] = []
        if let bootstrap, let before {
            let scores = before.ensemble.scores(of: part.candidates)
            let order = before.ensemble.order(scores)
            // What must not win comes last: it may be a negative.
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
            try progress(place, .ranked(pseudoLabels))
        }
        let added = pseudoLabels.map { pseudo in
            Example(
                embedding: part.candidates[pseudo.index].embedding, label: pseudo.label,
                isProxy: pseudo.rank != nil, group: part.candidates[pseudo.index].group)
        }
        var trainer = try HeadTrainer(
            settings: settings, training: part.training + added, validation: part.validation,
            failures: failures, initial: initial)
        if let checkpoints, trainer.resume(from: checkpoints.path(of: place)) {
            try progress(place, .resumed(step: trainer.stepCount))
        }
        var evaluations = trainer.validationCurve.count
        var written = ContinuousClock.now
        let outcome = try trainer.run { trainer, loss in
            if let checkpoints, written.duration(to: .now) >= checkpoints.interval {
                try checkpoints.write(trainer, at: place)
                written = .now
            }
            do {
                let step = trainer.stepCount
                try progress(
                    place,
                    .step(
                        step, loss: loss, learningRate: settings.learningRate(atStep: step),
                        drawn: trainer.drawn))
                if trainer.validationCurve.count > evaluations,
                    let point = trainer.validationCurve.last
                {
                    evaluations += 1
                    try progress(place, .evaluated(point))
                }
            } catch {
                try checkpoints?.write(trainer, at: place)
                throw error
            }
        }
        // Others follow, which a later start would have to wait for.
        if parts.count > 1 || bootstrap != nil { try checkpoints?.write(trainer, at: place) }
        try progress(place, .finished(outcome))
        return TrainingResult.Training(outcome: outcome, pseudoLabels: pseudoLabels)
    }
}
