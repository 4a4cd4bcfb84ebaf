internal import Files

/// Moments of a block of feature vectors, which can be merged with those of others: Σ without its
/// divisor, the mean, and what the estimate of a shrinkage intensity needs.
struct BlockMoments: Sendable {
    /// Number of vectors, n.
    private(set) var count: Int
    /// Mean, μ, `[D]`.
    private(set) var mean: [Double]
    /// A root of the scatter matrix S = Σᵢ dᵢ dᵢᵀ of the deviations dᵢ = xᵢ − μ, with at most D
    /// rows after a merger, n rows before.
    private(set) var root: CovarianceRoot
    /// Σᵢ ‖dᵢ‖⁴.
    private(set) var fourthMoment: Double
    /// Σᵢ ‖dᵢ‖² dᵢ, `[D]`, by which `fourthMoment` changes with the mean.
    private var thirdMoment: [Double]

    /// - Parameter rows: `[n, width]`, finite; n may be 0.
    /// - Throws: `DistanceError.outOfMemory`.
    init(of rows: [Float], width: Int) throws(DistanceError) {
        count = rows.count / width
        guard Memory.isAvailable(Checked.product(2, rows.count, MemoryLayout<Double>.size)) else {
            throw .outOfMemory(dimension: width)
        }
        mean = Array(repeating: 0, count: width)
        for row in 0..<count {
            for column in 0..<width { mean[column] += Double(rows[row * width + column]) }
        }
        for column in 0..<width { mean[column] /= Double(max(count, 1)) }
        var squares = Array(repeating: 0.0, count: count)
        var elements = Array(repeating: 0.0, count: count * width)
        for column in 0..<width {
            for row in 0..<count {
                let deviation = Double(rows[row * width + column]) - mean[column]
                elements[row + column * count] = deviation
                squares[row] += deviation * deviation
            }
        }
        fourthMoment = squares.reduce(0) { $0 + $1 * $1 }
        thirdMoment = (0..<width).map { column in
            (0..<squares.count).reduce(0.0) {
                $0 + squares[$1] * elements[$1 + column * squares.count]
            }
        }
        root = CovarianceRoot(width: width, rowCount: count, elements: elements)
    }

    /// The moments of the vectors of both blocks, of which each has at least one.
    ///
    /// - Throws: `DistanceError.outOfMemory`.
    func merged(with other: BlockMoments) throws(DistanceError) -> BlockMoments {
        let total = Double(count + other.count)
        let difference = zip(other.mean, mean).map { $0 - $1 }
        var merged = self
        merged.count += other.count
        merged.mean = zip(mean, difference).map { $0 + Double(other.count) / total * $1 }
        let (first, second) = (moments(around: merged.mean), other.moments(around: merged.mean))
        merged.fourthMoment = first.fourth + second.fourth
        merged.thirdMoment = zip(first.third, second.third).map { $0 + $1 }
        // The means differ by δ, which adds n1 n2 / (n1 + n2) · δ δᵀ to the scatter matrices.
        let weight = (Double(count) * Double(other.count) / total).squareRoot()
        merged.root = try root.stacked(on: other.root, and: difference.map { weight * $0 })
        return merged
    }

    /// Fourth and third moment of the deviations d − δ from another point, μ + δ.
    private func moments(around point: [Double]) -> (fourth: Double, third: [Double]) {
        let shift = zip(point, mean).map { $0 - $1 }
        let square = shift.reduce(0) { $0 + $1 * $1 }
        let trace = root.trace
        let (image, form) = root.times(shift)
        let cubes = zip(shift, thirdMoment).reduce(0) { $0 + $1.0 * $1.1 }
        let n = Double(count)
        // ‖d − δ‖² = ‖d‖² − 2 dᵀδ + ‖δ‖², and the deviations d have the sum 0.
        let fourth = fourthMoment + 4 * form + n * square * square - 4 * cubes + 2 * trace * square
        let third = shift.indices.map {
            thirdMoment[$0] - (trace + n * square) * shift[$0] - 2 * image[$0]
        }
        return (fourth, third)
    }
}
