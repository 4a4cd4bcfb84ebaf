public import Statistics

/// Logits, labels and groups of examples that an ensemble has scored.
public struct ScoredExamples: Sendable {
    public private(set) var logits: [Double]
    public private(set) var labels: [Double]
    private var groups: [String?]

    public init(_ examples: [Example], by ensemble: HeadEnsemble) {
        logits = ensemble.logits(of: examples)
        labels = examples.map(\.label)
        groups = examples.map(\.group)
    }

    /// Concatenates the examples of several trainings, each scored by its training's heads.
    package init(joining parts: [ScoredExamples]) {
        logits = parts.flatMap(\.logits)
        labels = parts.flatMap(\.labels)
        groups = parts.flatMap(\.groups)
    }

    /// Nil without examples.
    public var evaluation: Evaluation? {
        logits.isEmpty ? nil : Evaluation(logits: logits, labels: labels)
    }

    /// The score reference if these examples were held out; nil without both classes.
    public var reference: ScoreReference? {
        ScoreReference(logits: logits, isProxy: labels.map { $0 >= 0.5 })
    }

    /// 95 % confidence intervals of `evaluation`'s metrics, by a bootstrap of whole groups.
    public func intervals(seed: UInt64) -> EvaluationIntervals {
        let intervals = GroupBootstrap(groups: groups, seed: seed).intervals(count: 3) { indices in
            let evaluation = Evaluation(
                logits: indices.map { logits[$0] }, labels: indices.map { labels[$0] })
            return [evaluation.auc, evaluation.accuracy, evaluation.loss]
        }
        return EvaluationIntervals(
            auc: intervals[0], accuracy: intervals[1], loss: intervals[2])
    }
}

/// 95 % confidence intervals of an `Evaluation`'s metrics; nil where they cannot be estimated.
public struct EvaluationIntervals: Codable, Sendable, Hashable {
    public var auc: ConfidenceInterval?
    public var accuracy: ConfidenceInterval?
    public var loss: ConfidenceInterval?
}
