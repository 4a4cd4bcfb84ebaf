/// Examples and what heads make of them.
public struct JudgedExamples: Sendable {
    public private(set) var logits: [Double]
    public private(set) var labels: [Double]
    private var groups: [String?]

    public init(_ examples: [Example], by ensemble: HeadEnsemble) {
        logits = ensemble.logits(of: examples)
        labels = examples.map(\.label)
        groups = examples.map(\.group)
    }

    /// Of several trainings, each example judged by the heads of its own.
    init(joining parts: [JudgedExamples]) {
        logits = parts.flatMap(\.logits)
        labels = parts.flatMap(\.labels)
        groups = parts.flatMap(\.groups)
    }

    /// Nil without examples.
    public var evaluation: Evaluation? {
        logits.isEmpty ? nil : Evaluation(logits: logits, labels: labels)
    }

    /// What the heads' logits mean, if these examples are new to them; nil without both classes.
    public var reference: ScoreReference? {
        ScoreReference(logits: logits, isProxy: labels.map { $0 >= 0.5 })
    }

    /// How sure `evaluation` is: 95 % intervals from whole groups.
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

/// 95 % intervals of an `Evaluation`'s figures; nil where there is too little to tell.
public struct EvaluationIntervals: Codable, Sendable, Hashable {
    public var auc: ConfidenceInterval?
    public var accuracy: ConfidenceInterval?
    public var loss: ConfidenceInterval?
}
