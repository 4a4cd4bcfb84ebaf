import ArgumentParser

/// Checks of numeric options, whose values may be any number that can be parsed.
enum OptionRange {
    /// - Throws: `ValidationError` with the range, for a value outside of it; nil is accepted.
    static func check<Value: Comparable>(
        _ name: String, _ value: Value?, _ range: ClosedRange<Value>
    ) throws {
        guard let value, !range.contains(value) else { return }
        throw ValidationError(
            "\(name) is from \(text(range.lowerBound)) to \(text(range.upperBound)), not \(text(value))"
        )
    }

    /// Accepts values above 0 and up to a maximum.
    static func checkPositive(_ name: String, _ value: Double?, upTo maximum: Double) throws {
        guard let value, !(value > 0 && value <= maximum) else { return }
        throw ValidationError("\(name) is above 0 and up to \(text(maximum)), not \(text(value))")
    }

    /// A number without the fraction 0: `1000`, not `1000.0`.
    private static func text(_ value: some Comparable) -> String {
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
