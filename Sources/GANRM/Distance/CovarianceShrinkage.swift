/// How a covariance matrix that was estimated from few samples is drawn towards one that is certain.
public enum CovarianceShrinkage: String, Sendable, CaseIterable {
    /// The sample covariance as it is.
    case none
    /// Towards a multiple of the identity, `(1 − δ) Σ + δ tr(Σ)/D · I`, where δ, from 0 to 1, is the
    /// estimate of what brings it closest to the true covariance.
    ///
    /// δ is that of `sklearn.covariance.ledoit_wolf`; Σ is the covariance with n − 1 here too, so that
    /// the result is scikit-learn's times n/(n − 1).
    ///
    /// Source: Ledoit and Wolf, A well-conditioned estimator for large-dimensional covariance matrices,
    /// 2004.
    case ledoitWolf = "ledoit-wolf"
}
