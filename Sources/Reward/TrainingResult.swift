/// What a `HeadTraining` has led to.
public struct TrainingResult: Sendable {
    /// One training of a head, of one fold.
    public struct Training: Sendable {
        public let outcome: TrainingOutcome
        /// What the head before this one made of the candidates; empty in the first round.
        public let pseudoLabels: [RankBootstrap.PseudoLabel]
    }

    /// Each round's trainings, one per fold.
    public let rounds: [[Training]]
    private let settings: TrainingSettings

    init(rounds: [[Training]], settings: TrainingSettings) {
        self.rounds = rounds
        self.settings = settings
    }

    /// The heads of a round, of all folds.
    public func ensemble(ofRound round: Int) -> HeadEnsemble {
        HeadEnsemble(
            rounds[round].flatMap { $0.outcome.ensemble.members },
            isVoting: settings.strategy == .voting)
    }

    /// The heads of the last round.
    public var ensemble: HeadEnsemble { ensemble(ofRound: rounds.count - 1) }

    /// The examples that were held out, each judged by the heads that have not seen it.
    public var validation: JudgedExamples {
        JudgedExamples(joining: rounds[rounds.count - 1].map { $0.outcome.validation })
    }

    /// Of the last round; of folds the counts are those of one fold on average, rounded.
    public var figures: TrainingFigures {
        let folds = rounds[rounds.count - 1].map { $0.outcome.figures }
        var figures = folds[0]
        func mean(_ count: (TrainingFigures) -> Int) -> Int {
            let sum = folds.reduce(0) { $0 + count($1) }
            return (2 * sum + folds.count) / (2 * folds.count)
        }
        figures.steps = mean(\.steps)
        figures.proxyCount = mean(\.proxyCount)
        figures.generatedCount = mean(\.generatedCount)
        figures.perturbedCount = mean { $0.perturbedCount ?? 0 }
        figures.failureCount = mean { $0.failureCount ?? 0 }
        figures.loss = folds.reduce(0) { $0 + $1.loss } / Double(folds.count)
        figures.training =
            JudgedExamples(
                joining: rounds[rounds.count - 1].map { $0.outcome.seen }
            ).evaluation ?? figures.training
        figures.validation = validation.evaluation
        figures.intervals = figures.validation.map { _ in validation.intervals(seed: settings.seed)
        }
        figures.folds = folds.count > 1 ? folds.compactMap(\.validation) : nil
        return figures
    }
}
