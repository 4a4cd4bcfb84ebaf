import JSON
import Reward

extension EvaluationReport {
    /// The report as one object; its keys, always in this order, are described in docs/evaluation.md.
    public var json: String {
        JSONValue.object(
            provenance + [
                .init("confidence", .number(0.95)), .init("resamples", .integer(resamples)),
                .init("seed", Int(exactly: seed).map { .integer($0) } ?? .string(String(seed))),
                .init("labelled", labelled.map(json(of:)) ?? .null),
                .init("pairs", pairs.map(json(of:)) ?? .null),
                .init("ratings", ratings.map(json(of:)) ?? .null),
                .init("failures", .array(failures.map(\.json))),
            ]
        ).description
    }

    private func json(of figures: LabelledFigures) -> JSONValue {
        let proxies = figures.samples.count { $0.isProxy }
        return .object([
            .init("count", .integer(figures.samples.count)),
            .init("proxy", .integer(proxies)),
            .init("generated", .integer(figures.samples.count - proxies)),
            .init("perturbed_left_out", .integer(perturbedCount)),
            .init("groups", .integer(figures.groupCount)),
            .init("auc", figures.auc.json), .init("accuracy", figures.accuracy.json),
            .init("score", Self.json(of: figures.score)),
            .init("probability", figures.probability.map(Self.json(of:)) ?? .null),
            .init("roc", figures.roc.map(Self.json(of:)) ?? .null),
            .init("by_group", .array(figures.groups.map(Self.json(of:)))),
        ])
    }

    private static func json(of probabilities: LabelledFigures.Probabilities) -> JSONValue {
        let bins = probabilities.calibration.bins
        let width = 1 / Double(bins.count)
        let reliability = bins.enumerated().compactMap { index, bin in
            bin.map {
                JSONValue.object([
                    .init("low", .number(Double(index) * width)),
                    .init("high", .number(Double(index + 1) * width)),
                    .init("count", .integer($0.count)),
                    .init("mean", .number($0.meanProbability)),
                    .init("proxy_share", .number($0.proxyShare)),
                ])
            }
        }
        return .object([
            .init("log_loss", probabilities.logLoss.json),
            .init("calibration_error", probabilities.calibrationError.json),
            .init("reliability", .array(reliability)),
        ])
    }

    private static func json(of roc: ROCCurve) -> JSONValue {
        .array(
            roc.points.map {
                .object([
                    // The first one is infinite, which JSON writes as null.
                    .init("threshold", .number($0.threshold)),
                    .init("false_positive_rate", .number($0.falsePositiveRate)),
                    .init("true_positive_rate", .number($0.truePositiveRate)),
                ])
            })
    }

    private static func json(of group: LabelledFigures.Group) -> JSONValue {
        .object([
            .init("group", .string(group.name)), .init("count", .integer(group.count)),
            .init("proxy", .integer(group.proxyCount)), .init("auc", group.auc.json),
            .init("accuracy", group.accuracy.json), .init("log_loss", group.logLoss.json),
        ])
    }

    private func json(of figures: PairFigures) -> JSONValue {
        .object([
            .init("count", .integer(figures.pairs.count)), .init("ties", .integer(figures.ties)),
            .init("unscored", .integer(unscoredPairs)),
            .init("groups", .integer(figures.groupCount)),
            .init("accuracy", figures.accuracy.json),
        ])
    }

    private func json(of figures: RatingFigures) -> JSONValue {
        let byPrompt = figures.byPrompt.map {
            JSONValue.object([
                .init("count", .integer($0.count)), .init("spearman", $0.spearman.json),
                .init("kendall", $0.kendall.json),
            ])
        }
        return .object([
            .init("count", .integer(figures.samples.count)),
            .init("unscored", .integer(unscoredRatings)),
            .init("prompts", .integer(figures.promptCount)),
            .init("spearman", figures.spearman.json), .init("kendall", figures.kendall.json),
            .init("by_prompt", byPrompt ?? .null),
        ])
    }
}

extension ScoreTable.Failure {
    /// As reports have it.
    var json: JSONValue {
        .object([.init("input", .string(input)), .init("error", .string(reason))])
    }
}
