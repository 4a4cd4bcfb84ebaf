/// Arithmetic on numbers from files, options and callers: nil if the result is not an `Int`.
package enum Checked {
    package static func sum(_ terms: Int?...) -> Int? {
        reduce(terms, from: 0) { $0.addingReportingOverflow($1) }
    }

    package static func difference(_ a: Int, _ b: Int) -> Int? {
        let (result, overflow) = a.subtractingReportingOverflow(b)
        return overflow ? nil : result
    }

    package static func product(_ factors: Int?...) -> Int? { product(of: factors) }

    /// The product of all factors, 1 if there are none. The product of the factors before a zero
    /// may not overflow either, since other code may multiply them first.
    package static func product(of factors: some Sequence<Int?>) -> Int? {
        reduce(factors, from: 1) { $0.multipliedReportingOverflow(by: $1) }
    }

    private static func reduce(
        _ values: some Sequence<Int?>, from start: Int,
        _ next: (Int, Int) -> (partialValue: Int, overflow: Bool)
    ) -> Int? {
        var result = start
        for value in values {
            guard let value else { return nil }
            let (partial, overflow) = next(result, value)
            if overflow { return nil }
            result = partial
        }
        return result
    }
}

extension Int {
    /// The number rounded toward zero; nil if it is not finite or does not fit.
    package init?(truncating number: Double) {
        self.init(exactly: number.rounded(.towardZero))
    }
}
