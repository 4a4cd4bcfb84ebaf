import Foundation

/// What Golden/evaluation.py wrote.
struct EvaluationGolden: Decodable {
    struct Intervals: Decodable {
        var seed: UInt64
        var resamples: Int
        var logits: [Double]
        var labels: [Double]
        var groups: [String?]
        /// Low and high.
        var auc: [Double]
        /// Resamples of one class.
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
        /// Of the ROC's points but the first, whose threshold is infinite.
        var thresholds: [Double]
        var `false`: [Double]
        var `true`: [Double]
        /// Of the reliability curve's bins that are not empty.
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
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(
            EvaluationGolden.self,
            from: Data(contentsOf: Golden.folder.appendingPathComponent("evaluation.json")))
    }
}
