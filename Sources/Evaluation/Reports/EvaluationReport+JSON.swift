import Pipeline
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
                .init("seed", JSONValue(seed)),
                .init("labelled", labelled.map(json(of:)) ?? .null),
                .init("pairs", pairs.map(json(of:)) ?? .null),
                .init("ratings", ratings.map(json(of:)) ?? .null),
                .init("failures", .array(failures.map(\.json))),
            ]
        ).description
    }

    private func json(of metrics: ClassificationMetrics) -> JSONValue {
        let proxyCount = metrics.samples.count { $0.isProxy }
        return [
            "count": .integer(metrics.samples.count),
            "proxy": .integer(proxyCount),
            "generated": .integer(metrics.samples.count - proxyCount),
            "perturbed_left_out": .integer(degradedCount),
            "groups": .integer(metrics.groupCount),
            "auc": metrics.auc.json, "accuracy": metrics.accuracy.json,
            "score": Self.json(of: metrics.score),
            "probability": metrics.probability.map(Self.json(of:)) ?? .null,
            "roc": metrics.roc.map(Self.json(of:)) ?? .null,
            "by_group": .array(metrics.groups.map(Self.json(of:))),
        ]
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
        return [
            "log_loss": probabilities.logLoss.json,
            "calibration_error": probabilities.calibrationError.json,
            "reliability": .array(reliability),
        ]
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
        [
            "group": .string(group.name), "count": .integer(group.count),
            "proxy": .integer(group.proxyCount), "auc": group.auc.json,
            "accuracy": group.accuracy.json, "log_loss": group.logLoss.json,
        ]
    }

    private func json(of metrics: PairwiseMetrics) -> JSONValue {
        [
            "count": .integer(metrics.pairs.count), "ties": .integer(metrics.ties),
            "unscored": .integer(unscoredPairs),
            "groups": .integer(metrics.groupCount),
            "accuracy": metrics.accuracy.json,
        ]
    }

    private func json(of metrics: RatingMetrics) -> JSONValue {
        let byPrompt = metrics.byPrompt.map {
            JSONValue.object([
                .init("count", .integer($0.count)), .init("spearman", $0.spearman.json),
                .init("kendall", $0.kendall.json),
            ])
        }
        return [
            "count": .integer(metrics.samples.count),
            "unscored": .integer(unscoredRatings),
            "prompts": .integer(metrics.promptCount),
            "spearman": metrics.spearman.json, "kendall": metrics.kendall.json,
            "by_prompt": byPrompt ?? .null,
        ]
    }
}

extension ScoreTable.Failure {
    /// The element of `failures` in a report.
    var json: JSONValue { row.json }
}
