import Foundation

/// Reference distributions of a head's logits on samples that were held out by group, and a
/// temperature for calibration.
public struct ScoreReference: Codable, Sendable, Hashable {
    public let generated: LogitDistribution
    public let proxy: LogitDistribution
    /// Temperature T such that σ(logit / T) is a calibrated probability; above 1 for an
    /// overconfident head.
    public let temperature: Double

    /// Nil without examples of both classes.
    ///
    /// - Parameters:
    ///   - logits: Logits of held-out examples.
    ///   - isProxy: Classes of the examples.
    public init?(logits: [Double], isProxy: [Bool]) {
        precondition(logits.count == isProxy.count)
        let proxies = zip(logits, isProxy).filter(\.1).map(\.0)
        let others = zip(logits, isProxy).filter { !$0.1 }.map(\.0)
        guard !proxies.isEmpty, !others.isEmpty else { return nil }
        generated = LogitDistribution(others)
        proxy = LogitDistribution(proxies)
        temperature = Self.temperature(proxies: proxies, generated: others)
    }

    /// The calibrated probability that a sample with this logit is a proxy sample, if both classes
    /// are equally frequent.
    public func probability(of logit: Double) -> Double { sigmoid(logit / temperature) }

    /// The temperature with the lowest log loss, both classes weighted equally; 0.01…100.
    ///
    /// The loss is convex in 1 / temperature, so bisection finds the zero of its derivative.
    private static func temperature(proxies: [Double], generated: [Double]) -> Double {
        func derivative(_ factor: Double) -> Double {
            let ofProxies = proxies.reduce(0) { $0 - $1 * sigmoid(-factor * $1) }
            let ofGenerated = generated.reduce(0) { $0 + $1 * sigmoid(factor * $1) }
            return ofProxies / Double(proxies.count) + ofGenerated / Double(generated.count)
        }
        var low = 0.01
        var high = 100.0
        for _ in 0..<100 {
            // Bisection on a logarithmic scale.
            let middle = (low * high).squareRoot()
            if derivative(middle) < 0 { low = middle } else { high = middle }
        }
        return 1 / low
    }

    /// Why the reference is invalid; nil if it is valid. Check one that was read from a file.
    var problem: String? {
        if let problem = generated.problem ?? proxy.problem { return problem }
        return temperature.isFinite && temperature > 0 ? nil : "temperature \(temperature)"
    }
}
