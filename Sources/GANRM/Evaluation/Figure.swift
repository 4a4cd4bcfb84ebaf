import JSON
public import Reward

/// A number with what is known of its certainty.
public struct Figure: Sendable, Hashable {
    /// Nil where there is none, as AUC of one class.
    public let value: Double?
    /// 95 %; nil where the samples tell nothing of the spread.
    public let interval: ConfidenceInterval?

    /// `{"value": 0.8, "low": 0.7, "high": 0.9}`, null for what is not known.
    var json: JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
        return .object([
            .init("value", number(value)), .init("low", number(interval?.low)),
            .init("high", number(interval?.high)),
        ])
    }
}
