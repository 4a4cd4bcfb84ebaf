import Foundation

/// How much an input looks like the proxy data.
public struct Score: Sendable, Hashable, Codable {
    /// z1 − z0, proxy minus generated; unbounded, so it never saturates.
    public let logit: Double

    public init(logit: Double) {
        self.logit = logit
    }

    /// From a head's two logits: z0 = generated, z1 = proxy.
    public init(generated: Float, proxy: Float) {
        self.init(logit: Double(proxy) - Double(generated))
    }

    /// σ(logit), in 0…1.
    public var value: Double { sigmoid(logit) }
}

/// 1 / (1 + e⁻ˣ), without overflow at either end.
func sigmoid(_ x: Double) -> Double {
    if x >= 0 { return 1 / (1 + exp(-x)) }
    let e = exp(x)
    return e / (1 + e)
}

/// log(1 + eˣ), without overflow at either end.
func softplus(_ x: Double) -> Double {
    max(x, 0) + log1p(exp(-abs(x)))
}
