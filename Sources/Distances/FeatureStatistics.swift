/// Mean and covariance of the features of a set, as in the files of pytorch-fid.
public struct FeatureStatistics: Sendable, Hashable {
    /// Maximum length of a feature vector, with a covariance of 2 GiB.
    public static let dimensionLimit = 16_384

    /// Mean, μ, `[D]`, finite.
    public let mean: [Double]
    /// Covariance with divisor n − 1, Σ, `[D, D]`, finite and symmetric.
    public let covariance: [Double]
    /// Number of samples, n, at least 2; nil in files of other programs.
    public let sampleCount: Int?
    public let provenance: FeatureProvenance

    /// Length of a feature vector, D.
    public var dimension: Int { mean.count }

    /// - Precondition: The shapes match, the values are finite, and the covariance is symmetric.
    init(
        mean: [Double], covariance: [Double], sampleCount: Int?, provenance: FeatureProvenance
    ) {
        precondition(covariance.count == mean.count * mean.count)
        self.mean = mean
        self.covariance = covariance
        self.sampleCount = sampleCount
        self.provenance = provenance
    }
}
