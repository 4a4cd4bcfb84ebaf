import Foundation
import Statistics

/// The similarity of an input to the proxy data.
public struct Score: Sendable, Hashable {
    /// z1 − z0 of each head, minus `degradationPenalty`; at least one.
    public let memberLogits: [Double]
    /// Distance from the training embeddings, see `Familiarity`; nil if the model has none.
    public let distance: Double?
    /// Penalty for degradation that was subtracted from each logit, see `DegradationPart`; nil if the
    /// model has none. Result rows call it `damage`.
    public let degradationPenalty: Double?

    public init(
        memberLogits: [Double], distance: Double? = nil, degradationPenalty: Double? = nil
    ) {
        precondition(!memberLogits.isEmpty)
        self.memberLogits = memberLogits
        self.distance = distance
        self.degradationPenalty = degradationPenalty
    }

    /// The largest absolute logit. Rows have single precision, up to 3.4·10³⁸, and so has the
    /// difference of two logits.
    public static let logitLimit = 1e38

    /// Whether a logit, or another number of a row, is finite and within `logitLimit`.
    public static func isWithinLimit(_ number: Double) -> Bool { abs(number) <= logitLimit }

    /// The score, if all its numbers are finite and within `logitLimit`.
    ///
    /// - Throws: `RewardError.badScore` with the first that is not.
    public func checked() throws(RewardError) -> Score {
        let penalty = degradationPenalty ?? 0
        for (name, number) in memberLogits.map({ ("a logit", $0) })
            + [("a distance", distance ?? 0), ("a penalty", penalty), ("a logit", logit + penalty)]
        where !Self.isWithinLimit(number) {
            throw .badScore(name: name, value: number)
        }
        return self
    }

    public init(logit: Double) {
        self.init(memberLogits: [logit])
    }

    /// z1 − z0, proxy minus generated, averaged over the heads; unbounded, so it does not saturate.
    public var logit: Double {
        memberLogits.mean
    }

    /// σ(logit), in 0…1.
    public var value: Double { sigmoid(logit) }

    /// Standard deviation of the heads' logits (divisor n, not n − 1); nil for a single head.
    public var logitSpread: Double? { Self.deviation(memberLogits) }

    /// Standard deviation of the heads' scores (divisor n, not n − 1); nil for a single head.
    public var spread: Double? { Self.deviation(memberLogits.map(sigmoid)) }

    private static func deviation(_ values: [Double]) -> Double? {
        values.count > 1 ? values.standardDeviation : nil
    }
}

/// 1 / (1 + e⁻ˣ), without overflow for large |x|.
package func sigmoid(_ x: Double) -> Double {
    if x >= 0 { return 1 / (1 + exp(-x)) }
    let e = exp(x)
    return e / (1 + e)
}

/// log(1 + eˣ), without overflow for large |x|.
package func softplus(_ x: Double) -> Double {
    max(x, 0) + log1p(exp(-abs(x)))
}
