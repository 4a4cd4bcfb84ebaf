import TestSupport

/// Contents of `fixtures/reward/scores.json`.
struct ScoreGolden: Decodable {
    struct Metrics: Decodable {
        var logits: [Double]
        var labels: [Double]
        var auc: Double
        var loss: Double
        var accuracy: Double
    }

    /// Statistics of held-out logits, computed by NumPy and SciPy.
    struct Reference: Decodable {
        var logits: [Double]
        var labels: [Double]
        var quantiles: [Double]
        var places: [Double]
        var percentiles: [Double]
        var temperature: Double
    }

    var metrics: [Metrics]
    var references: [Reference]

    static func load() throws -> ScoreGolden { try Fixture.decode("reward/scores.json") }
}
