import TestSupport

/// Contents of `fixtures/evaluation/agreement.json`.
struct AgreementGolden: Decodable, Sendable {
    /// Videos with ratings, and labelled pairs of videos.
    struct Pairs: Decodable, Sendable, CustomStringConvertible {
        var name: String
        var logits: [Double]
        var ratings: [Double]
        var pairs: [Pair]
        var withoutTies: Double
        var withTies: Double
        /// The tie threshold of `withTies`.
        var threshold: Double
        var plcc: Double
        var srcc: Double
        var krcc: Double

        var description: String { name }
    }

    struct Pair: Decodable, Sendable {
        var first: Int
        var second: Int
        /// `A`, `B` or `same`.
        var label: String

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            first = try list.decode(Int.self)
            second = try list.decode(Int.self)
            label = try list.decode(String.self)
        }
    }

    struct Rankings: Decodable, Sendable {
        struct Entry: Decodable, Sendable {
            var ranks: [Int]
            var logits: [Double]
        }
        var entries: [Entry]
        var accuracy: Double
        var meanAccuracy: Double
        var meanInversionAccuracy: Double
    }

    var pairs: [Pairs]
    var rankings: Rankings

    static func load() throws -> AgreementGolden {
        try Fixture.decode("evaluation/agreement.json")
    }
}
