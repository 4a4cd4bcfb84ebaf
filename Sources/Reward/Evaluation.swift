/// How well logits tell proxy from generated samples.
public struct Evaluation: Codable, Sendable, Hashable {
    public var count: Int
    /// Mean binary cross-entropy of σ(logit) against the label, in nats.
    public var loss: Double
    /// Share of examples whose logit is on their label's side of 0; a logit of 0 counts as proxy.
    public var accuracy: Double
    /// Area under the receiver operating characteristic, ties counted half; nil without both classes.
    public var auc: Double?

    /// - Parameters:
    ///   - logits: z1 − z0 per example, at least one.
    ///   - labels: In 0…1; at least ½ is the proxy class.
    public init(logits: [Double], labels: [Double]) {
        precondition(logits.count == labels.count && !logits.isEmpty)
        count = logits.count
        var loss = 0.0
        var right = 0
        for (logit, label) in zip(logits, labels) {
            loss += softplus(logit) - label * logit
            right += (logit >= 0) == (label >= 0.5) ? 1 : 0
        }
        self.loss = loss / Double(count)
        accuracy = Double(right) / Double(count)
        auc = Self.areaUnderCurve(logits: logits, isProxy: labels.map { $0 >= 0.5 })
    }

    /// The share of (proxy, generated) pairs that the logits order rightly: Mann and Whitney's U from
    /// mid-ranks.
    package static func areaUnderCurve(logits: [Double], isProxy: [Bool]) -> Double? {
        let proxies = Double(isProxy.count { $0 })
        let generated = Double(logits.count) - proxies
        guard proxies > 0, generated > 0 else { return nil }
        let rankSum = zip(midRanks(of: logits), isProxy).reduce(0) { $0 + ($1.1 ? $1.0 : 0) }
        return (rankSum - proxies * (proxies + 1) / 2) / (proxies * generated)
    }
}
