import Evaluation
import Reward
import Testing
import TestSupport

@Suite struct FrechetDistanceTests {
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
        let distance = try FrechetDistance(sides[0], sides[1])
        let scale = Self.totalVariance(sides)
        #expect(abs(distance.meanTerm - golden.meanTerm) <= 1e-13 * scale)
        #expect(abs(distance.covarianceTerm - golden.covarianceTerm) <= 1e-13 * scale)
        #expect(abs(distance.distance - golden.scipy) <= 1e-6 * golden.scipy)
        #expect(distance.sampleCounts == golden.counts)
        #expect(distance.dimension == golden.width)
        #expect(distance.shrinkageIntensities == [0, 0])
    }

    @Test(arguments: try DistanceGolden.load())
    func `shrinkage matches scikit-learn`(golden: DistanceGolden) throws {
        let sides = golden.sides
        let distance = try FrechetDistance(sides[0], sides[1], shrinkage: .ledoitWolf)
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
        let none = try FrechetDistance(set, Array(set.reversed()), shrinkage: shrinkage)
        #expect(none.distance >= 0)
        #expect(none.distance <= 1e-13 * scale)
        // Half a unit in the last place of a float is 3e-8 relative; the values are below 2.
        let shifted = set.map { $0.map { $0 + 0.5 } }
        let shift = try FrechetDistance(set, shifted, shrinkage: shrinkage)
        #expect(abs(shift.meanTerm - 0.25 * Double(golden.width)) <= 1e-6 * Double(golden.width))
        #expect(shift.covarianceTerm <= 1e-12 * scale)
    }

    @Test func `the distance matches a calculation by hand`() throws {
        // Means 1 and 4, variances 2 and 8 (n - 1): 3² + 2 + 8 - 2 √16.
        let distance = try FrechetDistance([[0], [2]], [[2], [6]])
        #expect(abs(distance.meanTerm - 9) < 1e-14)
        #expect(abs(distance.covarianceTerm - 2) < 1e-14)
        #expect(!distance.hasFewSamples)
        // Without variance only the mean term remains.
        let still = try FrechetDistance(
            [[1, 2], [1, 2]], [[1, 0], [1, 0]], shrinkage: .ledoitWolf)
        #expect(still.distance == 4)
        #expect(still.hasFewSamples)
    }

    @Test(
        arguments: [
            ([[1, 2]], [[1, 2], [3, 4]], "each side needs at least 2 samples, one has 1"),
            ([], [], "each side needs at least 2 samples, one has 0"),
            ([[1], [2]], [[1, 2], [3, 4]], "embeddings have 1 and 2 values"),
            ([[], []], [[], []], "embeddings have 0 and 0 values"),
            ([[1], [2]], [[1], [.nan]], "an embedding has a value that is not finite"),
            ([[1], [.infinity]], [[1], [2]], "an embedding has a value that is not finite"),
        ] as [([[Float]], [[Float]], String)])
    func `invalid samples are refused`(
        reference: [[Float]], other: [[Float]], reason: String
    ) {
        #expect(throws: RewardError.noDistance(reason: reason)) {
            try FrechetDistance(reference, other)
        }
    }
}
