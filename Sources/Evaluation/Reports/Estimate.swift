public import Statistics
import TextFormats

/// An estimate with its confidence interval.
public struct Estimate: Sendable, Hashable {
    /// The point estimate; nil if undefined, such as the AUC of a single class.
    public let value: Double?
    /// The 95 % confidence interval; nil if the samples are too few or too uniform to give one.
    public let interval: ConfidenceInterval?

    /// `{"value": 0.8, "low": 0.7, "high": 0.9}`, with null for what is nil.
    var json: JSONValue {
        return [
            "value": JSONValue(value), "low": JSONValue(interval?.low),
            "high": JSONValue(interval?.high),
        ]
    }
}
