public import Reward
import Statistics

/// The result of a `HeadTraining`.
public struct TrainingResult: Sendable {
    /// One round of one fold.
    public struct Training: Sendable {
        public let outcome: TrainingOutcome
        /// Labels that the previous round's head gave the candidates; empty in the first round.
        public let pseudoLabels: [RankBootstrap.PseudoLabel]
    }

    /// Each round's trainings, one per fold.
    public let rounds: [[Training]]
    private let settings: TrainingSettings

    init(rounds: [[Training]], settings: TrainingSettings) {
        self.rounds = rounds
        self.settings = settings
    }

    /// The heads of all folds in a round.
    public func ensemble(ofRound round: Int) -> HeadEnsemble {
        HeadEnsemble(
            rounds[round].flatMap { $0.outcome.ensemble.members },
            isVoting: settings.strategy == .voting)
    }

    /// The heads of the last round.
    public var ensemble: HeadEnsemble { ensemble(ofRound: rounds.count - 1) }

    /// The held-out examples of the last round, scored by the heads that were not trained on them.
    public var validation: ScoredExamples {
        ScoredExamples(joining: rounds[rounds.count - 1].map { $0.outcome.validation })
    }

    /// Counts and metrics of the last round. With several folds, counts are rounded means per fold.
    public var metrics: TrainingMetrics {
        let folds = rounds[rounds.count - 1].map { $0.outcome.metrics }
        var metrics = folds[0]
        func mean(_ count: (TrainingMetrics) -> Int) -> Int {
            let sum = folds.reduce(0) { $0 + count($1) }
            return (2 * sum + folds.count) / (2 * folds.count)
        }
        metrics.steps = mean(\.steps)
        metrics.proxyCount = mean(\.proxyCount)
        metrics.generatedCount = mean(\.generatedCount)
        metrics.degradedCount = mean { $0.degradedCount ?? 0 }
        metrics.failureCount = mean { $0.failureCount ?? 0 }
        metrics.loss = folds.map(\.loss).mean
        let seen = ScoredExamples(joining: rounds[rounds.count - 1].map { $0.outcome.seen })
        guard let training = seen.evaluation else {
            preconditionFailure("each fold was trained on examples")
        }
        metrics.training = training
        metrics.validation = validation.evaluation
        metrics.intervals = metrics.validation.map { _ in validation.intervals(seed: settings.seed)
        }
        metrics.folds = folds.count > 1 ? folds.compactMap(\.validation) : nil
        return metrics
    }
}
