import TestSupport

/// `fixtures/evaluation/features.json`.
struct FeatureGolden: Decodable, Sendable {
    /// Of `features`, `[12]`.
    var mean: [Double]
    /// Of `features`, `[12, 12]`.
    var covariance: [Double]
    /// Shrinkage intensity.
    var intensity: Double
    var kernel: [KernelCase]

    struct KernelCase: Decodable, Sendable, CustomStringConvertible {
        var counts: [Int]
        var width: Int
        var subsets: Int
        /// Samples of a subset.
        var size: Int
        var seed: UInt64
        var mean: Double
        var deviation: Double

        var description: String { "\(counts) samples of \(width) values" }

        var sides: [[[Float]]] {
            zip(counts, [("a", 0), ("b", 0.25 as Float)]).map { count, side in
                let (name, offset) = side
                let numbers = SplitMix.numbers(
                    "kernel \(counts[0]) \(width) \(name)", count: count * width, scale: 1,
                    offset: offset)
                return (0..<count).map { Array(numbers[$0 * width..<($0 + 1) * width]) }
            }
        }
    }

    /// 2500 features of 12 values around 1000 and its fractions.
    static var features: [[Float]] {
        let numbers = SplitMix.numbers("moments", count: 2500 * 12, scale: 1, offset: 1000)
        return (0..<2500).map { row in
            (0..<12).map { Float(Double(numbers[row * 12 + $0]) * (1 / Double($0 + 1))) }
        }
    }

    static func load() throws -> FeatureGolden {
        try Fixture.decode("evaluation/features.json")
    }
}
