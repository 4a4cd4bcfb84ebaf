public import Reward

/// How far two sets of embeddings are apart, each taken for a normal distribution: the figure of FID and
/// FVD, over the embeddings of any encoder.
///
///     |μ1 − μ2|² + tr(Σ1 + Σ2 − 2 (Σ1 Σ2)^½)
///
/// Means and covariances (with n − 1, as `numpy.cov` has them) are in double precision and the root is
/// exact, through singular values, so that any number of samples from 2 will do. Few samples make the
/// figure too high nevertheless: see `hasFewSamples`.
///
/// Source: Dowson and Landau, The Fréchet distance between multivariate normal distributions, 1982;
/// Heusel et al., arXiv 1706.08500.
public struct FrechetDistance: Sendable, Hashable {
    /// |μ1 − μ2|², at least 0.
    public let meanTerm: Double
    /// The rest, at least 0.
    public let covarianceTerm: Double
    /// Samples of the reference and of the other set.
    public let sampleCounts: [Int]
    /// Length of an embedding, D.
    public let dimension: Int
    public let shrinkage: CovarianceShrinkage
    /// How far each covariance was shrunk, the reference's first: 0 (not at all) to 1.
    public let shrinkageIntensities: [Double]

    /// The distance, squared as is usual: at least 0, 0 for equal sets up to rounding.
    public var distance: Double { meanTerm + covarianceTerm }

    /// Whether a set has no more samples than numbers. Both terms are the higher the fewer samples
    /// there are, the second by a large part of the total variance then; shrinkage takes a part of that
    /// away (docs/evaluation.md). Distances with equal numbers of samples can still be compared.
    public var hasFewSamples: Bool { sampleCounts.contains { $0 <= dimension } }

    /// - Parameters:
    ///   - reference: `[n1, D]`, n1 at least 2.
    ///   - other: `[n2, D]`, n2 at least 2.
    /// - Throws: `RewardError.noDistance` for fewer samples, different lengths, and numbers that are
    ///   not finite.
    public init(
        _ reference: [[Float]], _ other: [[Float]], shrinkage: CovarianceShrinkage = .none
    ) throws(RewardError) {
        let sets = [reference, other]
        dimension = reference.first?.count ?? 0
        sampleCounts = sets.map(\.count)
        self.shrinkage = shrinkage
        for set in sets { try Self.check(set, width: dimension) }
        let means = sets.map(Self.mean)
        meanTerm = zip(means[0], means[1]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        let roots = zip(sets, means).map {
            CovarianceRoot(of: $0, mean: $1, shrinkage: shrinkage)
        }
        shrinkageIntensities = roots.map(\.intensity)
        guard let trace = roots[0].traceOfRoot(ofProductWith: roots[1]) else {
            throw .noDistance(reason: "the singular values did not converge")
        }
        // Of equal sets it may come out as -1e-16.
        covarianceTerm = max(roots[0].trace + roots[1].trace - 2 * trace, 0)
    }

    private static func check(_ set: [[Float]], width: Int) throws(RewardError) {
        guard set.count >= 2 else {
            throw .noDistance(reason: "each side needs at least 2 samples, one has \(set.count)")
        }
        for embedding in set {
            guard embedding.count == width, width > 0 else {
                throw .noDistance(
                    reason: "embeddings are \(width) and \(embedding.count) numbers long")
            }
            guard embedding.allSatisfy(\.isFinite) else {
                throw .noDistance(reason: "an embedding holds a number that is not finite")
            }
        }
    }

    private static func mean(of set: [[Float]]) -> [Double] {
        var sum = Array(repeating: 0.0, count: set[0].count)
        for embedding in set {
            for i in sum.indices { sum[i] += Double(embedding[i]) }
        }
        return sum.map { $0 / Double(set.count) }
    }
}
