/// Mahalanobis distance of an embedding, or a block of one, from a set of embeddings, on
/// standardized values with a ridge-regularized covariance:
///
///     x̂ = (x − mean) / deviation,   d² = x̂ᵀ (C + λI)⁻¹ x̂ / D = (|x̂|² − |B x̂|²) / (λ D)
///
/// The rows of `B` are the `r` largest principal components of C, the i-th times √(eᵢ / (eᵢ + λ));
/// the variances eᵢ of the other components are treated as 0.
public struct MahalanobisDistance: Sendable, Hashable {
    /// Mean of the set's embeddings, `[D]`.
    public let mean: [Float]
    /// Standard deviation of the set's embeddings, `[D]`, above 0.
    public let deviation: [Float]
    /// `B`, `[r, D]`.
    public let components: [Float]
    /// λ, in units of the mean variance of a standardized value.
    public let ridge: Double

    /// Embedding width, `D`.
    public var width: Int { mean.count }

    /// - Precondition: All arrays have the same width; deviations and ridge are above 0.
    public init(mean: [Float], deviation: [Float], components: [Float], ridge: Double) {
        precondition(mean.count == deviation.count && components.count % max(mean.count, 1) == 0)
        self.mean = mean
        self.deviation = deviation
        self.components = components
        self.ridge = ridge
    }

    /// The distance, at least 0, in units of a standardized value's deviation.
    ///
    /// - Parameter embedding: `[D]`.
    public func callAsFunction(_ embedding: ArraySlice<Float>) -> Double {
        precondition(embedding.count == width)
        let standardized = zip(embedding, zip(mean, deviation)).map { ($0 - $1.0) / $1.1 }
        var square = Self.dot(standardized, standardized[...])
        for start in stride(from: 0, to: components.count, by: width) {
            let projection = Self.dot(standardized, components[start..<start + width])
            square -= projection * projection
        }
        // Rounding can leave -1e-16 for embeddings in the set.
        return (max(square, 0) / (ridge * Double(width))).squareRoot()
    }

    private static func dot(_ a: [Float], _ b: ArraySlice<Float>) -> Double {
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                // Eight independent accumulators avoid a dependency chain.
                var sums = SIMD8<Double>()
                let whole = a.count & ~7
                for start in stride(from: 0, to: whole, by: 8) {
                    for lane in 0..<8 {
                        sums[lane] += Double(a[start + lane]) * Double(b[start + lane])
                    }
                }
                var sum = sums.sum()
                for i in whole..<a.count { sum += Double(a[i]) * Double(b[i]) }
                return sum
            }
        }
    }
}
