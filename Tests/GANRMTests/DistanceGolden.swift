import Foundation
import TestSupport

/// What Golden/distance.py wrote.
struct DistanceGolden: Decodable, Sendable, CustomStringConvertible {
    var name: String
    /// Samples of both sides.
    var counts: [Int]
    var width: Int
    /// Of the other side's columns, before they are scaled.
    var offset: Float
    /// Columns that differ; after them they repeat.
    var distinct: Int
    var meanTerm: Double
    var covarianceTerm: Double
    /// The distance by scipy.linalg.sqrtm.
    var scipy: Double
    /// scikit-learn's shrinkages, and the covariance term with the covariances that they give.
    var intensities: [Double]
    var shrunk: Double

    var description: String { name }

    /// The reference and the other side, as the script's `samples` makes them.
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
                // Rounded after each step, as NumPy does.
                let scaled = own[row * distinct + column] * (1 / Float(column + 1))
                return scaled + common[row]
            }
        }
    }

    static func load() throws -> [DistanceGolden] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(
            [DistanceGolden].self,
            from: Data(
                contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                    .appendingPathComponent("Golden/distance.json")))
    }
}
