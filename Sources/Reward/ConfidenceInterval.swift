/// A 95 % confidence interval: of a hundred experiments, about 95 have the true figure in theirs.
public struct ConfidenceInterval: Codable, Sendable, Hashable {
    public var low: Double
    public var high: Double

    public init(low: Double, high: Double) {
        self.low = low
        self.high = high
    }
}
