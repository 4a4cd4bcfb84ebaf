public import Reward
import Statistics

/// The Fréchet distance between two sets of embeddings, each modelled as a normal distribution: the
/// metric of FID and FVD, for the embeddings of any encoder.
///
///     |μ1 − μ2|² + tr(Σ1 + Σ2 − 2 (Σ1 Σ2)^½)
///
/// Means and covariances (with divisor n − 1, as in `numpy.cov`) are computed in double precision.
/// The trace of the root comes from singular values, so that 2 samples per set suffice for the
/// computation. Few samples still bias the distance upwards: see `hasFewSamples`.
///
/// Source: Dowson and Landau, The Fréchet distance between multivariate normal distributions, 1982;
/// Heusel et al., arXiv 1706.08500.
public struct FrechetDistance: Sendable, Hashable {
    /// |μ1 − μ2|², at least 0.
    public let meanTerm: Double
    /// tr(Σ1 + Σ2 − 2 (Σ1 Σ2)^½), at least 0.
    public let covarianceTerm: Double
    /// Numbers of samples in the reference and in the other set.
    public let sampleCounts: [Int]
    /// Length of an embedding, D.
    public let dimension: Int
    public let shrinkage: CovarianceShrinkage
    /// Shrinkage intensities δ of the reference and of the other set, 0 (none) to 1.
    public let shrinkageIntensities: [Double]

    /// The squared distance, as usual for FID: at least 0, and 0 for equal sets up to rounding.
    public var distance: Double { meanTerm + covarianceTerm }

    /// Whether a set has at most `dimension` samples.
    ///
    /// Both terms are biased upwards, more so with fewer samples, and then the covariance term by a
    /// large part of the total variance. Shrinkage reduces this bias (docs/evaluation.md).
    /// Distances with equal numbers of samples are still comparable.
    public var hasFewSamples: Bool { sampleCounts.contains { $0 <= dimension } }

    /// Computes the distance.
    ///
    /// - Parameters:
    ///   - reference: Embeddings, `[n1, D]`, n1 at least 2.
    ///   - other: Embeddings, `[n2, D]`, n2 at least 2.
    /// - Throws: `RewardError.noDistance` for fewer samples, embeddings of different lengths,
    ///   values that are not finite, and singular values that do not converge.
    public init(
        _ reference: [[Float]], _ other: [[Float]], shrinkage: CovarianceShrinkage = .none
    ) throws(RewardError) {
        let sets = [reference, other]
        dimension = reference.first?.count ?? 0
        sampleCounts = sets.map(\.count)
        self.shrinkage = shrinkage
        for set in sets { try Self.check(set, width: dimension) }
        let means = sets.map(\.mean)
        meanTerm = zip(means[0], means[1]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        let roots = zip(sets, means).map {
            CovarianceRoot(of: $0, mean: $1, shrinkage: shrinkage)
        }
        shrinkageIntensities = roots.map(\.intensity)
        guard let trace = roots[0].traceOfRoot(ofProductWith: roots[1]) else {
            throw .noDistance(reason: "the singular values did not converge")
        }
        // Rounding may give -1e-16 for equal sets.
        covarianceTerm = max(roots[0].trace + roots[1].trace - 2 * trace, 0)
        guard meanTerm.isFinite, covarianceTerm.isFinite else {
            throw .noDistance(reason: "the embeddings are too large")
        }
    }

    private static func check(_ set: [[Float]], width: Int) throws(RewardError) {
        guard set.count >= 2 else {
            throw .noDistance(reason: "each side needs at least 2 samples, one has \(set.count)")
        }
        for embedding in set {
            guard embedding.count == width, width > 0 else {
                throw .noDistance(
                    reason: "embeddings have \(width) and \(embedding.count) values")
            }
            guard embedding.allSatisfy(\.isFinite) else {
                throw .noDistance(reason: "an embedding has a value that is not finite")
            }
        }
    }
}
