import Distances
import Testing

@Suite struct FeatureMomentsTests {
    @Test func `mean and covariance are those of NumPy`() throws {
        let golden = try FeatureGolden.load()
        let statistics = try NormalFit(FeatureGolden.features).statistics()
        #expect(statistics.sampleCount == 2500)
        for (ours, theirs) in zip(statistics.mean, golden.mean) {
            #expect(abs(ours - theirs) <= 1e-15 * theirs)
        }
        let largest = golden.covariance.reduce(0, max)
        for (ours, theirs) in zip(statistics.covariance, golden.covariance) {
            #expect(abs(ours - theirs) <= 1e-13 * largest)
        }
    }

    /// The features are three blocks.
    @Test func `the shrinkage intensity is that of scikit-learn`() throws {
        let fit = try NormalFit(FeatureGolden.features, shrinkage: .ledoitWolf)
        #expect(try abs(fit.shrinkageIntensity - FeatureGolden.load().intensity) <= 1e-12)
    }

    @Test func `the result does not depend on how vectors are added`() throws {
        let features = FeatureGolden.features
        var moments = try FeatureMoments(dimension: 12)
        for start in stride(from: 0, to: 2500, by: 700) {
            try moments.append(contentsOf: features[start..<min(start + 700, 2500)])
        }
        #expect(moments.count == 2500)
        for shrinkage in CovarianceShrinkage.allCases {
            let whole = try NormalFit(features, shrinkage: shrinkage)
            let parts = try NormalFit(moments, shrinkage: shrinkage)
            #expect(try whole.statistics() == parts.statistics())
            #expect(whole.shrinkageIntensity == parts.shrinkageIntensity)
        }
    }

    @Test func `other vectors are refused`() throws {
        #expect(throws: DistanceError.noDistance(reason: "features have 0 values")) {
            try FeatureMoments(dimension: 0)
        }
        var moments = try FeatureMoments(dimension: 2)
        #expect(throws: DistanceError.noDistance(reason: "embeddings have 2 and 1 values")) {
            try moments.append([1])
        }
        let reason = "an embedding has a value that is not finite"
        #expect(throws: DistanceError.noDistance(reason: reason)) { try moments.append([1, .nan]) }
        #expect(moments.count == 0)
        try moments.append([1, 2])
        #expect(
            throws: DistanceError.noDistance(
                reason: "each side needs at least 2 samples, one has 1")
        ) { try NormalFit(moments) }
    }
}
