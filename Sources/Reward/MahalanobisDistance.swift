/// How far an embedding, or a part of one, lies from those of a set, by Mahalanobis's distance of standardized
/// numbers with a shrunk covariance:
///
///     x̂ = (x − mean) / deviation,   d² = x̂ᵀ (C + λI)⁻¹ x̂ / D = (|x̂|² − |B x̂|²) / (λ D)
///
/// where `B` holds the `r` largest principal components of C, the i-th times √(eᵢ / (eᵢ + λ)); the variance
/// eᵢ of the others is taken for 0.
public struct MahalanobisDistance: Sendable, Hashable {
    /// Of the set's embeddings, `[D]`.
    public let mean: [Float]
    /// Above 0, `[D]`.
    public let deviation: [Float]
    /// `B`, `[r, D]`.
    public let components: [Float]
    /// λ, in units of the mean variance of a standardized number.
    public let ridge: Double

    /// Numbers per embedding, `D`.
    public var width: Int { mean.count }

    /// - Precondition: All have one width, deviations and ridge are above 0.
    public init(mean: [Float], deviation: [Float], components: [Float], ridge: Double) {
        precondition(mean.count == deviation.count && components.count % max(mean.count, 1) == 0)
        self.mean = mean
        self.deviation = deviation
        self.components = components
        self.ridge = ridge
    }

    /// The distance, at least 0, in units of a standardized number's deviation.
    ///
    /// - Parameter embedding: `[D]`.
    public func callAsFunction(_ embedding: ArraySlice<Float>) -> Double {
        precondition(embedding.count == width)
        let standardized = zip(embedding, zip(mean, deviation)).map { ($0 - $1.0) / $1.1 }
        var square = Self.dot(standardized, standardized[...])
        for start in stride(from: 0, to: components.count, by: width) {
            let share = Self.dot(standardized, components[start..<start + width])
            square -= share * share
        }
        // What is in the set may come out as -1e-16.
        return (max(square, 0) / (ridge * Double(width))).squareRoot()
    }

    private static func dot(_ a: [Float], _ b: ArraySlice<Float>) -> Double {
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                // Eight sums, so that they need not wait for each other.
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
