import TestSupport

/// A case of `fixtures/evaluation/distance.json`.
struct DistanceGolden: Decodable, Sendable, CustomStringConvertible {
    var name: String
    /// Number of samples of each side.
    var counts: [Int]
    var width: Int
    /// Offset of the other side's columns, before scaling.
    var offset: Float
    /// Number of distinct columns; further columns repeat them.
    var distinct: Int
    var meanTerm: Double
    var covarianceTerm: Double
    /// The distance computed with `scipy.linalg.sqrtm`.
    var scipy: Double
    /// Shrinkage intensities of scikit-learn; `shrunk` is the covariance term of the shrunk
    /// covariances.
    var intensities: [Double]
    var shrunk: Double

    var description: String { name }

    /// The reference and the other side, the same as from the script's `samples`.
    var sides: [[[Float]]] {
        [samples("\(name) a", count: counts[0], offset: 0)]
            + [samples("\(name) b", count: counts[1], offset: offset)]
    }

    private func samples(_ name: String, count: Int, offset: Float) -> [[Float]] {
        let own = SplitMix.numbers(name, count: count * distinct, scale: 1, offset: offset)
        let common = SplitMix.numbers("\(name) in common", count: count, scale: 0.25)
        return (0..<count).map { row in
            (0..<width).map { column in
                let column = column % distinct
                // Rounded after each step, like NumPy.
                let scaled = own[row * distinct + column] * (1 / Float(column + 1))
                return scaled + common[row]
            }
        }
    }

    static func load() throws -> [DistanceGolden] {
        try Fixture.decode("evaluation/distance.json")
    }
}
