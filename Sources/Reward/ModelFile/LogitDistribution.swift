import Statistics

/// The distribution of the logits of a set of samples: 101 quantiles, ascending.
public struct LogitDistribution: Codable, Sendable, Hashable {
    /// Number of samples.
    public let count: Int
    /// The 0th, 1st, …, 100th percentile, interpolated linearly between samples (NumPy's default).
    public let quantiles: [Float]

    /// - Parameter logits: At least one; finite.
    public init(_ logits: [Double]) {
        precondition(!logits.isEmpty)
        let sorted = logits.sorted()
        count = sorted.count
        quantiles = (0...100).map { Float(quantile(Double($0) / 100, ofSorted: sorted)) }
    }

    /// The percentile rank of a logit, 0…100, interpolated linearly between quantiles.
    public func percentile(of logit: Double) -> Double {
        let logit = Float(logit)
        guard let minimum = quantiles.first, logit >= minimum else { return 0 }
        let first = quantiles.firstIndex { $0 >= logit } ?? quantiles.count
        let above = quantiles.firstIndex { $0 > logit } ?? quantiles.count
        // The middle of the quantiles that are equal to the logit.
        if first < above { return Double(first + above - 1) / 2 }
        guard first < quantiles.count else { return 100 }
        let low = quantiles[first - 1]
        return Double(first - 1) + Double((logit - low) / (quantiles[first] - low))
    }

    /// Why the distribution is invalid; nil if it is valid. Check one that was read from a file.
    var problem: String? {
        guard quantiles.count == 101 else { return "\(quantiles.count) quantiles instead of 101" }
        guard zip(quantiles, quantiles.dropFirst()).allSatisfy({ $0 <= $1 }) else {
            return "quantiles that descend"
        }
        guard quantiles.allSatisfy({ Score.isWithinLimit(Double($0)) }) else {
            return "quantiles above \(Score.logitLimit)"
        }
        return count > 0 ? nil : "no samples"
    }
}
