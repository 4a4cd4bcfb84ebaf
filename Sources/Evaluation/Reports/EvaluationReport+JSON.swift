import Scoring
import Statistics
import TextFormats

extension EvaluationReport {
    /// The report as one JSON object. The order of the keys is fixed; docs/evaluation.md describes
    /// them.
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

    private func json(of metrics: ClassificationMetrics) -> JSONValue {
        let proxyCount = metrics.samples.count { $0.isProxy }
        return .object([
            .init("count", .integer(metrics.samples.count)),
            .init("proxy", .integer(proxyCount)),
            .init("generated", .integer(metrics.samples.count - proxyCount)),
            .init("perturbed_left_out", .integer(degradedCount)),
            .init("groups", .integer(metrics.groupCount)),
            .init("auc", metrics.auc.json), .init("accuracy", metrics.accuracy.json),
            .init("score", Self.json(of: metrics.score)),
            .init("probability", metrics.probability.map(Self.json(of:)) ?? .null),
            .init("roc", metrics.roc.map(Self.json(of:)) ?? .null),
            .init("by_group", .array(metrics.groups.map(Self.json(of:)))),
        ])
    }

    private static func json(of probabilities: ClassificationMetrics.Probabilities) -> JSONValue {
        let bins = probabilities.calibration.bins
        let width = 1 / Double(bins.count)
        let reliability = bins.enumerated().compactMap { index, bin in
            bin.map {
                JSONValue.object([
                    .init("low", .number(Double(index) * width)),
                    .init("high", .number(Double(index + 1) * width)),
                    .init("count", .integer($0.count)),
                    .init("mean", .number($0.meanProbability)),
                    .init("proxy_share", .number($0.meanLabel)),
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
                    // The first threshold is infinite, which is written as null.
                    .init("threshold", .number($0.threshold)),
                    .init("false_positive_rate", .number($0.falsePositiveRate)),
                    .init("true_positive_rate", .number($0.truePositiveRate)),
                ])
            })
    }

    private static func json(of group: ClassificationMetrics.Group) -> JSONValue {
        .object([
            .init("group", .string(group.name)), .init("count", .integer(group.count)),
            .init("proxy", .integer(group.proxyCount)), .init("auc", group.auc.json),
            .init("accuracy", group.accuracy.json), .init("log_loss", group.logLoss.json),
        ])
    }

    private func json(of metrics: PairwiseMetrics) -> JSONValue {
        .object([
            .init("count", .integer(metrics.pairs.count)), .init("ties", .integer(metrics.ties)),
            .init("unscored", .integer(unscoredPairs)),
            .init("groups", .integer(metrics.groupCount)),
            .init("accuracy", metrics.accuracy.json),
        ])
    }

    private func json(of metrics: RatingMetrics) -> JSONValue {
        let byPrompt = metrics.byPrompt.map {
            JSONValue.object([
                .init("count", .integer($0.count)), .init("spearman", $0.spearman.json),
                .init("kendall", $0.kendall.json),
            ])
        }
        return .object([
            .init("count", .integer(metrics.samples.count)),
            .init("unscored", .integer(unscoredRatings)),
            .init("prompts", .integer(metrics.promptCount)),
            .init("spearman", metrics.spearman.json), .init("kendall", metrics.kendall.json),
            .init("by_prompt", byPrompt ?? .null),
        ])
    }
}

extension ScoreTable.Failure {
    /// The element of `failures` in a report.
    var json: JSONValue { row.json }
}
