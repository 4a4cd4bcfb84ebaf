import TestSupport

/// A case of `fixtures/metrics/best_of.json`.
struct BestOfGolden: Decodable {
    struct Candidate: Decodable {
        var input: String
        var logit: Double
        var excluded: Bool
        var values: [Double]
    }

    struct Prompt: Decodable {
        var group: String
        var candidates: [Candidate]
    }

    struct Estimate: Decodable {
        var mean: Double
        var low: Double
        var high: Double
    }

    struct Point: Decodable {
        var k: Int
        var best: Estimate
        var worst: Estimate
        var gain: Estimate
    }

    struct Line: Decodable {
        var name: String
        var all: Estimate
        var spearman: Estimate
        var kendall: Estimate
        var top: [Point]
    }

    var prompts: [Prompt]
    var top: [Int]?
    var resamples: Int
    /// Number of prompts with enough candidates.
    var kept: Int
    var candidates: Int
    var lines: [Line]

    static func load() throws -> [BestOfGolden] { try Fixture.decode("metrics/best_of.json") }
}
