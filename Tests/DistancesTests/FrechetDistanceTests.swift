import Distances
import Tensors
import Testing
import TestSupport

@Suite struct FrechetDistanceTests {
    private static func distance(
        _ reference: [[Float]], _ other: [[Float]], shrinkage: CovarianceShrinkage = .none
    ) throws -> FrechetDistance {
        try FrechetDistance(
            NormalFit(reference, shrinkage: shrinkage), NormalFit(other, shrinkage: shrinkage))
    }

    /// Sum of the variances of both sides, the scale of rounding errors in the terms.
    private static func totalVariance(_ sides: [[[Float]]]) -> Double {
        sides.reduce(0) { sum, set in
            sum
                + set[0].indices.reduce(0) { sum, column in
                    let values = set.map { Double($0[column]) }
                    let mean = values.reduce(0, +) / Double(values.count)
                    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
                    return sum + squares / Double(values.count - 1)
                }
        }
    }

    @Test(arguments: try DistanceGolden.load())
    func `the distance matches exact arithmetic and SciPy`(golden: DistanceGolden) throws {
        let sides = golden.sides
        let distance = try Self.distance(sides[0], sides[1])
        let scale = Self.totalVariance(sides)
        #expect(abs(distance.meanTerm - golden.meanTerm) <= 1e-13 * scale)
        #expect(abs(distance.covarianceTerm - golden.covarianceTerm) <= 1e-13 * scale)
        #expect(abs(distance.distance - golden.scipy) <= 1e-6 * golden.scipy)
        #expect(distance.sampleCounts == golden.counts)
        #expect(distance.dimension == golden.width)
        #expect(distance.shrinkageIntensities == [0, 0])
    }

    /// The tolerance is for sums in another order. Variances of 0 stay 0: rounding errors of 10⁻¹⁶ of
    /// the largest one, which a covariance matrix has in their place, would be 10⁻⁸ in its root.
    @Test(arguments: try DistanceGolden.load())
    func `the distance of statistics matches exact arithmetic`(golden: DistanceGolden) throws {
        let fits = try golden.sides.map { try NormalFit(NormalFit($0).statistics()) }
        let distance = try FrechetDistance(fits[0], fits[1])
        let scale = Self.totalVariance(golden.sides)
        #expect(abs(distance.meanTerm - golden.meanTerm) <= 1e-13 * scale)
        #expect(abs(distance.covarianceTerm - golden.covarianceTerm) <= 1e-13 * scale)
        #expect(distance.sampleCounts == golden.counts)
    }

    @Test func `a covariance with negative eigenvalues is refused`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("statistics.npz")
        try NumPyArchive.write(
            [
                ("mu", NumPyArray([0, 0], shape: [2])),
                ("sigma", NumPyArray([1, 2, 2, 1], shape: [2, 2])),
            ], to: path)
        let statistics = try FeatureStatistics(path: path)
        #expect(
            throws: DistanceError.noDistance(reason: "a covariance has negative eigenvalues")
        ) { try NormalFit(statistics) }
    }

    /// The table of docs/evaluation.md: 0.024 for 1920 samples of 192 values with variances
    /// proportional to 1/i, total 1. The estimate is its leading term.
    @Test func `the bias is that of the table`() throws {
        var generator = SplitMix(state: 1)
        let width = 192
        let total = (1...width).reduce(0) { $0 + 1 / Double($1) }
        // A sum of 12 uniform values is close enough to a normal distribution.
        let set = (0..<1920).map { _ in
            (0..<width).map { column in
                let sum = (0..<12).reduce(0.0) { sum, _ in
                    sum + Double.random(in: -0.5..<0.5, using: &generator)
                }
                return Float(sum / (Double(column + 1) * total).squareRoot())
            }
        }
        let bias = try #require(NormalFit(set).bias)
        #expect(abs(2 * bias.covarianceTerm - 0.024) < 0.0015)
        #expect(abs(bias.meanTerm - 1 / 1920.0) < 0.0001)
    }

    @Test(arguments: try DistanceGolden.load())
    func `shrinkage matches scikit-learn`(golden: DistanceGolden) throws {
        let sides = golden.sides
        let distance = try Self.distance(sides[0], sides[1], shrinkage: .ledoitWolf)
        for (ours, theirs) in zip(distance.shrinkageIntensities, golden.intensities) {
            #expect(abs(ours - theirs) <= 1e-12)
        }
        #expect(abs(distance.meanTerm - golden.meanTerm) <= 1e-13 * Self.totalVariance(sides))
        #expect(
            abs(distance.covarianceTerm - golden.shrunk) <= 1e-7 * Self.totalVariance(sides))
    }

    @Test(arguments: try DistanceGolden.load(), CovarianceShrinkage.allCases)
    func `equal sets have distance 0, shifted ones the squared shift`(
        golden: DistanceGolden, shrinkage: CovarianceShrinkage
    ) throws {
        let set = golden.sides[0]
        let scale = Self.totalVariance([set, set])
        let none = try Self.distance(set, Array(set.reversed()), shrinkage: shrinkage)
        #expect(none.distance >= 0)
        #expect(none.distance <= 1e-13 * scale)
        // Half a unit in the last place of a float is 3e-8 relative; the values are below 2.
        let shifted = set.map { $0.map { $0 + 0.5 } }
        let shift = try Self.distance(set, shifted, shrinkage: shrinkage)
        #expect(abs(shift.meanTerm - 0.25 * Double(golden.width)) <= 1e-6 * Double(golden.width))
        #expect(shift.covarianceTerm <= 1e-12 * scale)
    }

    @Test func `the distance matches a calculation by hand`() throws {
        // Means 1 and 4, variances 2 and 8 (n - 1): 3² + 2 + 8 - 2 √16.
        let distance = try Self.distance([[0], [2]], [[2], [6]])
        #expect(abs(distance.meanTerm - 9) < 1e-14)
        #expect(abs(distance.covarianceTerm - 2) < 1e-14)
        #expect(!distance.hasFewSamples)
        // Without variance only the mean term remains.
        let still = try Self.distance(
            [[1, 2], [1, 2]], [[1, 0], [1, 0]], shrinkage: .ledoitWolf)
        #expect(still.distance == 4)
        #expect(still.hasFewSamples)
    }

    @Test(
        arguments: [
            ([[1, 2]], [[1, 2], [3, 4]], "each side needs at least 2 samples, one has 1"),
            ([], [], "each side needs at least 2 samples, one has 0"),
            ([[1], [2]], [[1, 2], [3, 4]], "embeddings have 1 and 2 values"),
            ([[], []], [[], []], "features have 0 values"),
            ([[1], [2]], [[1], [.nan]], "an embedding has a value that is not finite"),
            ([[1], [.infinity]], [[1], [2]], "an embedding has a value that is not finite"),
        ] as [([[Float]], [[Float]], String)])
    func `invalid samples are refused`(
        reference: [[Float]], other: [[Float]], reason: String
    ) {
        #expect(throws: DistanceError.noDistance(reason: reason)) {
            try Self.distance(reference, other)
        }
    }
}
