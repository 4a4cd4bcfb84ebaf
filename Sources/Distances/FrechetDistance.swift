internal import Files

/// The Fréchet distance between two sets of features, each modelled as a normal distribution: the
/// metric of FID and FVD, for the embeddings of any encoder.
///
///     |μ1 − μ2|² + tr(Σ1 + Σ2 − 2 (Σ1 Σ2)^½)
///
/// Means and covariances (with divisor n − 1, as in `numpy.cov`) are in double precision. The trace
/// of the root comes from singular values, so that it is exact for singular covariances too and 2
/// samples per set suffice for the computation. Few samples still bias the distance upwards: see
/// `hasFewSamples`.
///
/// Source: Dowson and Landau, The Fréchet distance between multivariate normal distributions, 1982;
/// Heusel et al., arXiv 1706.08500.
public struct FrechetDistance: Sendable, Hashable {
    /// |μ1 − μ2|², at least 0.
    public let meanTerm: Double
    /// tr(Σ1 + Σ2 − 2 (Σ1 Σ2)^½), at least 0.
    public let covarianceTerm: Double
    /// Numbers of samples in the reference and in the other set; nil if not known.
    public let sampleCounts: [Int?]
    /// Length of a feature vector, D.
    public let dimension: Int
    /// Shrinkage intensities δ of the reference and of the other set, 0 (none) to 1.
    public let shrinkageIntensities: [Double]

    /// The squared distance, as usual for FID: at least 0, and 0 for equal sets up to rounding.
    public var distance: Double { meanTerm + covarianceTerm }

    /// Whether a set is known to have at most `dimension` samples.
    ///
    /// Both terms are biased upwards, more so with fewer samples, and then the covariance term by a
    /// large part of the total variance. Shrinkage reduces this bias (docs/evaluation.md).
    /// Distances with equal numbers of samples are still comparable.
    public var hasFewSamples: Bool { sampleCounts.contains { $0 ?? .max <= dimension } }

    /// Computes the distance.
    ///
    /// - Throws: `DistanceError.noDistance` for features of different lengths, for values that are
    ///   too large, and for singular values that do not converge; `DistanceError.outOfMemory`.
    public init(_ reference: NormalFit, _ other: NormalFit) throws(DistanceError) {
        guard reference.dimension == other.dimension else {
            throw .noDistance(
                reason: "embeddings have \(reference.dimension) and \(other.dimension) values")
        }
        dimension = reference.dimension
        sampleCounts = [reference.sampleCount, other.sampleCount]
        shrinkageIntensities = [reference.shrinkageIntensity, other.shrinkageIntensity]
        meanTerm = zip(reference.mean, other.mean)
            .reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        let variance = reference.root.trace + other.root.trace
        guard meanTerm.isFinite, variance.isFinite else {
            throw .noDistance(reason: "the embeddings are too large")
        }
        // The product of the roots, and LAPACK's work space.
        let product = Checked.product(reference.root.rowCount, other.root.rowCount, 8)
        guard Memory.isAvailable(Checked.product(2, product)) else {
            throw .outOfMemory(dimension: dimension)
        }
        guard let trace = reference.root.traceOfRoot(ofProductWith: other.root) else {
            throw .noDistance(reason: "the singular values did not converge")
        }
        // Rounding may give -1e-16 for equal sets.
        covarianceTerm = max(variance - 2 * trace, 0)
        guard covarianceTerm.isFinite else {
            throw .noDistance(reason: "the embeddings are too large")
        }
    }
}
