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

    var intervals: [Intervals]
    var mean: Mean

    static func load() throws -> EvaluationGolden {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(
            EvaluationGolden.self,
            from: Data(contentsOf: Golden.folder.appendingPathComponent("evaluation.json")))
    }
}
