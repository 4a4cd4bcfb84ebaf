import Statistics

/// Metrics of how well logits separate proxy from generated samples.
public struct Evaluation: Codable, Sendable, Hashable {
    public var count: Int
    /// Mean binary cross-entropy of σ(logit) against the label, in nats.
    public var loss: Double
    /// Fraction of examples that are classified correctly; a logit of at least 0 predicts proxy.
    public var accuracy: Double
    /// Area under the ROC curve, ties counted half; nil without both classes.
    public var auc: Double?

    /// - Parameters:
    ///   - logits: z1 − z0 per example, at least one.
    ///   - labels: 0…1; at least 0.5 is the proxy class.
    public init(logits: [Double], labels: [Double]) {
        precondition(logits.count == labels.count && !logits.isEmpty)
        count = logits.count
        var loss = 0.0
        var correct = 0
        for (logit, label) in zip(logits, labels) {
            loss += softplus(logit) - label * logit
            correct += (logit >= 0) == (label >= 0.5) ? 1 : 0
        }
        self.loss = loss / Double(count)
        accuracy = Double(correct) / Double(count)
        auc = Self.areaUnderCurve(logits: logits, isProxy: labels.map { $0 >= 0.5 })
    }

    /// The fraction of (proxy, generated) pairs that the logits order correctly: the Mann–Whitney U
    /// from mid-ranks. Nil without both classes.
    package static func areaUnderCurve(logits: [Double], isProxy: [Bool]) -> Double? {
        let proxies = Double(isProxy.count { $0 })
        let generated = Double(logits.count) - proxies
        guard proxies > 0, generated > 0 else { return nil }
        let rankSum = zip(midRanks(of: logits), isProxy).reduce(0) { $0 + ($1.1 ? $1.0 : 0) }
        return (rankSum - proxies * (proxies + 1) / 2) / (proxies * generated)
    }
}
