public import Files
import Pipeline
import Reward
import TextFormats

/// The log of a training as JSON lines, with enough detail to plot or to reproduce it.
///
/// Each line has `fold`, `round` (from 0) and `event`: `step` with `step`, `loss`, `learning_rate`
/// and `drawn`; `evaluation`; `labels` with the bootstrapped labels; `resumed`; `end`. `drawn`
/// lists the examples of the step's batches by their index among the fold's training examples,
/// which are in input order, followed by the bootstrapped ones and the failures.
public struct TrainingLog {
    private let writer: LineWriter

    /// - Throws: `FileError`.
    public init(path: String) throws(FileError) {
        writer = try LineWriter(path: path, isResumable: true)
        try writer.begin()
    }

    /// Writes an event.
    ///
    /// - Throws: The errors of `LineWriter.write`.
    public func write(_ position: HeadTraining.FoldRound, _ event: HeadTraining.Event) throws {
        let start: [JSONValue.Member] = [
            .init("fold", .integer(position.fold)), .init("round", .integer(position.round)),
        ]
        try writer.write(JSONValue.object(start + Self.members(event)).description)
    }

    private static func members(_ event: HeadTraining.Event) -> [JSONValue.Member] {
        switch event {
        case .resumed(let step):
            [.init("event", "resumed"), .init("step", .integer(step))]
        case .step(let step, let loss, let learningRate, let drawn):
            [
                .init("event", "step"), .init("step", .integer(step)),
                .init("loss", .number(loss)), .init("learning_rate", .number(learningRate)),
                .init("drawn", .array(drawn.map { .integer($0) })),
            ]
        case .evaluated(let point):
            [.init("event", "evaluation"), .init("step", .integer(point.step))]
                + metrics(point.evaluation)
        case .ranked(let labels):
            [
                .init("event", "labels"),
                .init(
                    "labels",
                    .array(
                        labels.map { label in
                            [
                                "candidate": .integer(label.index),
                                "rank": JSONValue(label.rank),
                                "logit": .number(label.logit),
                                "label": .number(label.label),
                            ]
                        })),
            ]
        case .finished(let outcome):
            [
                .init("event", "end"),
                .init("step", .integer(outcome.metrics.steps)),
                .init("training", .object(metrics(outcome.metrics.training))),
                .init(
                    "validation",
                    outcome.metrics.validation.map { .object(metrics($0)) } ?? .null),
            ]
        }
    }

    private static func metrics(_ evaluation: Evaluation) -> [JSONValue.Member] {
        [
            .init("count", .integer(evaluation.count)), .init("loss", .number(evaluation.loss)),
            .init("accuracy", .number(evaluation.accuracy)),
            .init("auc", JSONValue(evaluation.auc)),
        ]
    }
}
