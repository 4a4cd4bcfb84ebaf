/// The shrinkage of a covariance matrix that is estimated from few samples.
public enum CovarianceShrinkage: String, Sendable, CaseIterable {
    /// The sample covariance without shrinkage.
    case none
    /// Shrinkage towards a multiple of the identity, `(1 − δ) Σ + δ tr(Σ)/D · I`, where δ, from 0
    /// to 1, is the estimate that minimises the distance from the true covariance.
    ///
    /// δ is that of `sklearn.covariance.ledoit_wolf`. The divisor of Σ is n − 1 here as well, so
    /// that the result is scikit-learn's times n/(n − 1).
    ///
    /// Source: Ledoit and Wolf, A well-conditioned estimator for large-dimensional covariance
    /// matrices, 2004.
    case ledoitWolf = "ledoit-wolf"
}
