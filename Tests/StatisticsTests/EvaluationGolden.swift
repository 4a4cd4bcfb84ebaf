import TestSupport

/// Contents of `fixtures/statistics/evaluation.json`.
struct EvaluationGolden: Decodable {
    struct Intervals: Decodable {
        var seed: UInt64
        var resamples: Int
        var logits: [Double]
        var labels: [Double]
        var groups: [String?]
        /// Lower and upper bound.
        var auc: [Double]
        /// Number of resamples with a single class, which have no AUC.
        var aucLeftOut: Int
        var loss: [Double]
    }

    struct Mean: Decodable {
        var values: [Double]
        var scipy: [Double]
    }

    struct Curves: Decodable {
        var logits: [Double]
        var labels: [Double]
        /// Thresholds of all ROC points but the first, whose threshold is infinite.
        var thresholds: [Double]
        var `false`: [Double]
        var `true`: [Double]
        /// Counts of the non-empty bins of the reliability curve.
        var counts: [Int]
        var means: [Double]
        var shares: [Double]
        var error: Double
    }

    struct Correlations: Decodable {
        var scores: [Double]
        var ratings: [Double]
        var prompts: [String]
        var spearman: Double
        var kendall: Double
        var promptCount: Int
        var promptSpearman: Double
        var promptKendall: Double
    }

    var intervals: [Intervals]
    var mean: Mean
    var curves: [Curves]
    var correlations: [Correlations]

    static func load() throws -> EvaluationGolden {
        try Fixture.decode("statistics/evaluation.json")
    }
}
