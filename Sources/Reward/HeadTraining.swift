/// A training from examples to the last head: once, then once more per bootstrapping iteration.
///
///     let training = try HeadTraining(settings: settings, examples: examples)
///     let rounds = try training.run { round, step, loss in … }
///     let head = rounds.last?.outcome.head
public struct HeadTraining: Sendable {
    public let settings: TrainingSettings
    /// The examples trained on in every round, and those held out, in input order.
    public let training: [Example]
    public let validation: [Example]
    /// Nil: one round without it.
    public let bootstrap: RankBootstrap?
    /// What is ranked for bootstrapping: of no group that is held out.
    public let candidates: [Example]

    /// One training of a head.
    public struct Round: Sendable {
        public let outcome: TrainingOutcome
        /// What the head before this one made of the candidates; empty in the first round.
        public let pseudoLabels: [RankBootstrap.PseudoLabel]
    }

    /// Holds out `settings.validationShare` of the examples, by group.
    ///
    /// - Parameter candidates: Further generator outputs; their labels do not matter.
    public init(
        settings: TrainingSettings, examples: [Example], bootstrap: RankBootstrap? = nil,
        candidates: [Example] = []
    ) throws(RewardError) {
        try settings.validate()
        try bootstrap?.validate()
        let split = GroupSplit(examples, share: settings.validationShare, seed: settings.seed)
        self.settings = settings
        training = split.training.map { examples[$0] }
        // Perturbed examples of a group that is held out are not used at all.
        validation = split.validation.map { examples[$0] }.filter { !$0.isPerturbed }
        self.bootstrap = bootstrap
        let heldOut = Set(validation.compactMap(\.group))
        self.candidates = candidates.filter { $0.group.map { !heldOut.contains($0) } ?? true }
    }

    /// Trains round after round, each from fresh weights.
    ///
    /// - Parameter progress: Called after each step with the round, from 0, the step, from 1, and its
    ///   loss; what it throws ends the training.
    public func run(
        progress: (_ round: Int, _ step: Int, _ loss: Double) throws -> Void = { _, _, _ in }
    ) throws -> [Round] {
        var rounds: [Round] = []
        var pseudoLabels: [RankBootstrap.PseudoLabel] = []
        while rounds.count <= bootstrap?.iterations ?? 0 {
            if let bootstrap, let head = rounds.last?.outcome.head {
                pseudoLabels = try bootstrap.labels(for: head.logits(of: candidates))
            }
            let added = pseudoLabels.map { pseudo in
                Example(
                    embedding: candidates[pseudo.index].embedding, label: pseudo.label,
                    isProxy: pseudo.rank != nil, group: candidates[pseudo.index].group)
            }
            var trainer = try HeadTrainer(
                settings: settings, training: training + added, validation: validation)
            let outcome = try trainer.run { try progress(rounds.count, $0, $1) }
            rounds.append(Round(outcome: outcome, pseudoLabels: pseudoLabels))
        }
        return rounds
    }
}
