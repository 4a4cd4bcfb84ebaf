import Tensors

/// How the logits of a set of samples are distributed: 101 quantiles, from the least to the greatest.
public struct LogitDistribution: Codable, Sendable, Hashable {
    /// Samples that it was made of.
    public let count: Int
    /// The 0th, 1st, …, 100th percentile, interpolated linearly between samples (NumPy's default).
    public let quantiles: [Float]

    /// - Parameter logits: At least one, finite.
    public init(_ logits: [Double]) {
        precondition(!logits.isEmpty)
        let sorted = logits.sorted()
        count = sorted.count
        quantiles = (0...100).map { Float(quantile(Double($0) / 100, ofSorted: sorted)) }
    }

    /// How many of a hundred samples lie below a logit, 0…100; between quantiles interpolated.
    public func percentile(of logit: Double) -> Double {
        let logit = Float(logit)
        guard let least = quantiles.first, logit >= least else { return 0 }
        let first = quantiles.firstIndex { $0 >= logit } ?? quantiles.count
        let above = quantiles.firstIndex { $0 > logit } ?? quantiles.count
        // Of quantiles that are equal to it the middle counts.
        if first < above { return Double(first + above - 1) / 2 }
        guard first < quantiles.count else { return 100 }
        let low = quantiles[first - 1]
        return Double(first - 1) + Double((logit - low) / (quantiles[first] - low))
    }

    /// Why the distribution cannot be used; nil if it can. To be asked of one from a file.
    var problem: String? {
        guard quantiles.count == 101 else { return "\(quantiles.count) quantiles instead of 101" }
        guard zip(quantiles, quantiles.dropFirst()).allSatisfy({ $0 <= $1 }) else {
            return "quantiles that descend"
        }
        return count > 0 ? nil : "no samples"
    }
}
