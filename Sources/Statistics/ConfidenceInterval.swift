/// A 95 % confidence interval: in about 95 of a hundred experiments it contains the true value.
public struct ConfidenceInterval: Codable, Sendable, Hashable {
    public var low: Double
    public var high: Double

    public init(low: Double, high: Double) {
        self.low = low
        self.high = high
    }
}
