import Reward
import TestSupport

/// Contents of `fixtures/reward/familiarity.json`.
struct FamiliarityGolden: Decodable {
    struct Case: Decodable {
        var embedding: [Float]
        var distance: Double
        var percentile: Double
        /// The embedding, moved towards the mean to the distance limit if it lies beyond.
        var bounded: [Float]
    }

    struct Percentile: Decodable {
        var distance: Double
        var percentile: Double
    }

    var mean: [Float]
    var deviation: [Float]
    var components: [Float]
    var ridge: Double
    var count: Int
    var logMedian: Double
    var logDeviation: Double
    var limit: Double
    var cases: [Case]
    var percentiles: [Percentile]

    var familiarity: Familiarity {
        Familiarity(
            metric: MahalanobisDistance(
                mean: mean, deviation: deviation, components: components, ridge: ridge),
            scale: Familiarity.Scale(
                ridge: ridge, count: count, logMedian: logMedian, logDeviation: logDeviation))
    }

    static func load() throws -> FamiliarityGolden {
        try Fixture.decode("reward/familiarity.json")
    }
}
