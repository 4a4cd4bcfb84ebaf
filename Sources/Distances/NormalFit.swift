internal import Files

/// A normal distribution that is fitted to features: their mean, and a root of their covariance.
///
/// It is what a `FrechetDistance` compares, and the slow part of it: a reference that is compared
/// with many sets is fitted once.
public struct NormalFit: Sendable {
    /// Mean, μ, `[D]`.
    public let mean: [Double]
    /// Number of samples; nil for statistics that do not tell it.
    public let sampleCount: Int?
    public let shrinkage: CovarianceShrinkage
    /// Shrinkage intensity δ, 0 (none) to 1.
    public let shrinkageIntensity: Double
    /// A root of the covariance, with at most D rows.
    let root: CovarianceRoot

    /// Length of a feature vector, D.
    public var dimension: Int { mean.count }

    /// Fits a distribution to samples.
    ///
    /// - Throws: `DistanceError.noDistance` for fewer than 2 samples, `DistanceError.outOfMemory`.
    public init(
        _ moments: FeatureMoments, shrinkage: CovarianceShrinkage = .none
    ) throws(DistanceError) {
        guard moments.count >= 2 else {
            throw .noDistance(
                reason: "each side needs at least 2 samples, one has \(moments.count)")
        }
        let total = try moments.total()
        // Copies, and the identity matrix that a shrinkage adds.
        let size = Checked.product(max(total.root.rowCount, moments.dimension), moments.dimension)
        guard let size, size <= Int(Int32.max) || total.count <= moments.dimension,
            Memory.isAvailable(
                Checked.product(shrinkage == .none ? 2 : 4, total.root.elements.count, 8))
        else { throw .outOfMemory(dimension: moments.dimension) }
        let divisor = Double(total.count - 1)
        let covariance = total.root.reduced.scaled(by: 1 / divisor.squareRoot())
        mean = total.mean
        sampleCount = total.count
        self.shrinkage = shrinkage
        switch shrinkage {
        case .none:
            shrinkageIntensity = 0
            root = covariance
        case .ledoitWolf:
            shrinkageIntensity = Self.ledoitWolfIntensity(
                of: covariance, fourthMoment: total.fourthMoment / (divisor * divisor),
                count: total.count)
            root = try covariance.shrunk(by: shrinkageIntensity)
        }
    }

    /// Fits a distribution to features in memory, `[n, D]`.
    ///
    /// - Throws: `DistanceError.noDistance` for fewer than 2 samples, for vectors of different
    ///   lengths and for values that are not finite, `DistanceError.outOfMemory`.
    public init(
        _ features: [[Float]], shrinkage: CovarianceShrinkage = .none
    ) throws(DistanceError) {
        guard features.count >= 2 else {
            throw .noDistance(
                reason: "each side needs at least 2 samples, one has \(features.count)")
        }
        try self.init(FeatureMoments(features), shrinkage: shrinkage)
    }

    /// The distribution with a mean and a covariance that are known, as those of a file.
    ///
    /// - Throws: `DistanceError.noDistance` if the covariance is not positive semidefinite,
    ///   `DistanceError.outOfMemory`.
    public init(_ statistics: FeatureStatistics) throws(DistanceError) {
        // The factor or the eigenvectors, LAPACK's work space of twice as much, and the root.
        let matrix = Checked.product(
            statistics.dimension, statistics.dimension, MemoryLayout<Double>.size)
        guard Memory.isAvailable(Checked.product(5, matrix)) else {
            throw .outOfMemory(dimension: statistics.dimension)
        }
        guard
            let root = CovarianceRoot(
                ofCovariance: statistics.covariance, width: statistics.dimension)
        else {
            throw .noDistance(reason: "a covariance has negative eigenvalues")
        }
        mean = statistics.mean
        sampleCount = statistics.sampleCount
        shrinkage = .none
        shrinkageIntensity = 0
        self.root = root
    }

    /// Mean and covariance, `[D, D]`, to be written to a file.
    ///
    /// - Throws: `DistanceError.outOfMemory` for more than `FeatureStatistics.dimensionLimit` values.
    public func statistics(
        provenance: FeatureProvenance = FeatureProvenance()
    ) throws(DistanceError) -> FeatureStatistics {
        guard dimension <= FeatureStatistics.dimensionLimit,
            Memory.isAvailable(Checked.product(dimension, dimension, MemoryLayout<Double>.size))
        else { throw .outOfMemory(dimension: dimension) }
        return FeatureStatistics(
            mean: mean, covariance: root.product, sampleCount: sampleCount, provenance: provenance)
    }

    /// What the estimates add to the distance of two sets of this size on average, for this side,
    /// to the mean term and to the covariance term; nil if the number of samples is not known.
    ///
    /// For the covariance term this is the leading term in 1/n for two samples of one normal
    /// distribution, ½ Σᵢⱼ (1 + δᵢⱼ) λᵢ λⱼ / (λᵢ + λⱼ) / n, with the eigenvalues λ of the estimated
    /// covariance: see docs/evaluation.md. With fewer than some 4 D samples the estimate itself is
    /// too low.
    public var bias: (meanTerm: Double, covarianceTerm: Double)? {
        guard let sampleCount, let eigenvalues = root.eigenvalues else { return nil }
        let values = eigenvalues.filter { $0 > 0 }
        var sum = 0.0
        for (index, one) in values.enumerated() {
            // The diagonal counts twice: 2 λ² / 2 λ.
            sum += one
            for other in values[..<index] { sum += 2 * one * other / (one + other) }
        }
        let count = Double(sampleCount)
        return (root.trace / count, sum / (2 * count))
    }

    /// The shrinkage intensity δ: the estimated error of Σ divided by its distance from the
    /// multiple of the identity.
    ///
    /// - Parameter fourthMoment: Σᵢ ‖dᵢ‖⁴ of the deviations, divided by (n − 1)².
    private static func ledoitWolfIntensity(
        of covariance: CovarianceRoot, fourthMoment: Double, count: Int
    ) -> Double {
        // Both scale with Σ², so their ratio is the same for a divisor of n − 1 or n in Σ.
        let squareOfNorm = covariance.squareOfNorm
        let trace = covariance.trace
        let error = fourthMoment - squareOfNorm / Double(count)
        let distance = squareOfNorm - trace * trace / Double(covariance.width)
        return distance > 0 ? min(max(error / distance, 0), 1) : 0
    }
}
