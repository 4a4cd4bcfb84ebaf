import JSON
public import Reward

/// A training as lines of JSON: what happened at every step, enough to draw it or to repeat it elsewhere.
///
/// Each line has `fold`, `round` (from 0) and `event`: `step` with `step`, `loss`, `learning_rate` and
/// `drawn`; `evaluation`; `labels` with the schedule of bootstrapped labels; `resumed`; `end`. `drawn`
/// lists the step's examples, batch after batch, by their place among those that the fold trains on, in
/// input order with the bootstrapped ones behind them and failures last.
public struct TrainingLog {
    private let writer: LineWriter

    /// - Throws: `GANRMError.unwritable`.
    public init(path: String) throws(GANRMError) {
        writer = try LineWriter(path: path)
    }

    public func write(_ place: HeadTraining.Place, _ event: HeadTraining.Event) throws {
        let start: [JSONValue.Member] = [
            .init("fold", .integer(place.fold)), .init("round", .integer(place.round)),
        ]
        try writer.write(JSONValue.object(start + Self.members(event)).description)
    }

    private static func members(_ event: HeadTraining.Event) -> [JSONValue.Member] {
        switch event {
        case .resumed(let step):
            [.init("event", .string("resumed")), .init("step", .integer(step))]
        case .step(let step, let loss, let learningRate, let drawn):
            [
                .init("event", .string("step")), .init("step", .integer(step)),
                .init("loss", .number(loss)), .init("learning_rate", .number(learningRate)),
                .init("drawn", .array(drawn.map { .integer($0) })),
            ]
        case .evaluated(let point):
            [.init("event", .string("evaluation")), .init("step", .integer(point.step))]
                + figures(point.evaluation)
        case .ranked(let labels):
            [
                .init("event", .string("labels")),
                .init(
                    "labels",
                    .array(
                        labels.map { label in
                            .object([
                                .init("candidate", .integer(label.index)),
                                .init("rank", label.rank.map { .integer($0) } ?? .null),
                                .init("logit", .number(label.logit)),
                                .init("label", .number(label.label)),
                            ])
                        })),
            ]
        case .finished(let outcome):
            [
                .init("event", .string("end")),
                .init("step", .integer(outcome.figures.steps)),
                .init("training", .object(figures(outcome.figures.training))),
                .init(
                    "validation",
                    outcome.figures.validation.map { .object(figures($0)) } ?? .null),
            ]
        }
    }

    private static func figures(_ evaluation: Evaluation) -> [JSONValue.Member] {
        [
            .init("count", .integer(evaluation.count)), .init("loss", .number(evaluation.loss)),
            .init("accuracy", .number(evaluation.accuracy)),
            .init("auc", evaluation.auc.map { .number($0) } ?? .null),
        ]
    }
}
