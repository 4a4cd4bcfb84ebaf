public import Statistics
import TextFormats

/// A metric of a round's outputs.
public struct RoundMetricValue: Sendable, Hashable {
    public var name: String
    /// The mean over the outputs, or the value of a metric of the whole set; nil if no output has one.
    public var value: Double?
    /// The 95 % interval of a mean by bootstrap over prompts; nil for metrics of sets and for a single prompt.
    public var interval: ConfidenceInterval?

    init(name: String, value: Double?, interval: ConfidenceInterval? = nil) {
        self.name = name
        self.value = value
        self.interval = interval
    }

    /// Reads what `json` returns.
    init(_ member: JSONValue.Member) {
        name = member.key
        value = member.value["value"]?.doubleValue
        if let low = member.value["low"]?.doubleValue, let high = member.value["high"]?.doubleValue
        {
            interval = ConfidenceInterval(low: low, high: high)
        }
    }

    var json: JSONValue {
        [
            "value": JSONValue(value), "low": JSONValue(interval?.low),
            "high": JSONValue(interval?.high),
        ]
    }
}
