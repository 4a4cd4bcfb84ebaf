import Foundation

/// What gives a head's logits a meaning: those of samples that it was not trained on.
///
/// Found on the examples that were held out, by group.
public struct ScoreReference: Codable, Sendable, Hashable {
    public let generated: LogitDistribution
    public let proxy: LogitDistribution
    /// Divides logits so that σ of them is a probability: above 1 for a head that is too sure.
    public let temperature: Double

    /// Nil unless there are examples of both classes.
    ///
    /// - Parameters:
    ///   - logits: Of examples that the head has not seen.
    ///   - isProxy: Their classes.
    public init?(logits: [Double], isProxy: [Bool]) {
        precondition(logits.count == isProxy.count)
        let proxies = zip(logits, isProxy).filter(\.1).map(\.0)
        let others = zip(logits, isProxy).filter { !$0.1 }.map(\.0)
        guard !proxies.isEmpty, !others.isEmpty else { return nil }
        generated = LogitDistribution(others)
        proxy = LogitDistribution(proxies)
        temperature = Self.temperature(proxies: proxies, generated: others)
    }

    /// The chance that a sample with this logit is a proxy sample, where both classes are equally
    /// frequent.
    public func probability(of logit: Double) -> Double { sigmoid(logit / temperature) }

    /// The temperature with the least log loss, either class weighing one half; in 1/100…100.
    ///
    /// The loss is convex in 1 / temperature: its slope is halved until it vanishes.
    private static func temperature(proxies: [Double], generated: [Double]) -> Double {
        func slope(_ factor: Double) -> Double {
            let ofProxies = proxies.reduce(0) { $0 - $1 * sigmoid(-factor * $1) }
            let ofGenerated = generated.reduce(0) { $0 + $1 * sigmoid(factor * $1) }
            return ofProxies / Double(proxies.count) + ofGenerated / Double(generated.count)
        }
        var low = 0.01
        var high = 100.0
        for _ in 0..<100 {
            // Halved on a logarithmic scale.
            let middle = (low * high).squareRoot()
            if slope(middle) < 0 { low = middle } else { high = middle }
        }
        return 1 / low
    }

    /// Why the reference cannot be used; nil if it can. To be asked of one from a file.
    var problem: String? {
        if let problem = generated.problem ?? proxy.problem { return problem }
        return temperature.isFinite && temperature > 0 ? nil : "temperature \(temperature)"
    }
}
