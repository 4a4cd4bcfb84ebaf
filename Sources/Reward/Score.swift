import Foundation
import Tensors

/// How much an input looks like the proxy data.
public struct Score: Sendable, Hashable, Codable {
    /// z1 − z0 of each head that judged, at least one.
    public let memberLogits: [Double]
    /// How far the input lies from what the heads were trained on, see `Familiarity`; nil: nobody knows.
    public let distance: Double?
    /// What was taken off each head's logit for damage, see `DamagePart`; nil: nothing is.
    public let damage: Double?

    public init(memberLogits: [Double], distance: Double? = nil, damage: Double? = nil) {
        precondition(!memberLogits.isEmpty)
        self.memberLogits = memberLogits
        self.distance = distance
        self.damage = damage
    }

    public init(logit: Double) {
        self.init(memberLogits: [logit])
    }

    /// z1 − z0, proxy minus generated, the mean over the heads; unbounded, so it never saturates.
    public var logit: Double {
        memberLogits.mean
    }

    /// σ(logit), in 0…1.
    public var value: Double { sigmoid(logit) }

    /// The standard deviation of the heads' logits, all of them counted (n, not n − 1); nil for a
    /// single head.
    public var logitSpread: Double? { Self.deviation(memberLogits) }

    /// The standard deviation of the heads' scores, likewise.
    public var spread: Double? { Self.deviation(memberLogits.map(sigmoid)) }

    private static func deviation(_ values: [Double]) -> Double? {
        values.count > 1 ? values.standardDeviation : nil
    }
}

/// 1 / (1 + e⁻ˣ), without overflow at either end.
func sigmoid(_ x: Double) -> Double {
    if x >= 0 { return 1 / (1 + exp(-x)) }
    let e = exp(x)
    return e / (1 + e)
}

/// log(1 + eˣ), without overflow at either end.
package func softplus(_ x: Double) -> Double {
    max(x, 0) + log1p(exp(-abs(x)))
}
