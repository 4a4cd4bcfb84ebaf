/// Receiver operating characteristic curve of proxy against generated samples.
public struct ROCCurve: Sendable, Hashable {
    public struct Point: Sendable, Hashable {
        /// Samples with at least this logit are predicted proxy; +∞ at the first point.
        public var threshold: Double
        /// Fraction of the generated samples that are predicted proxy.
        public var falsePositiveRate: Double
        /// Fraction of the proxy samples that are predicted proxy.
        public var truePositiveRate: Double
    }

    /// Points from (0, 0) to (1, 1), thresholds descending. Collinear points are dropped, as in
    /// scikit-learn's `roc_curve`.
    public let points: [Point]

    /// Nil without both classes.
    public init?(logits: [Double], isProxy: [Bool]) {
        precondition(logits.count == isProxy.count)
        let proxies = isProxy.count { $0 }
        let generated = isProxy.count - proxies
        guard proxies > 0, generated > 0 else { return nil }
        typealias Count = (threshold: Double, generated: Int, proxies: Int)
        var counts: [Count] = [(.infinity, 0, 0)]
        for index in logits.indices.sorted(by: { logits[$0] > logits[$1] }) {
            var next = counts[counts.count - 1]
            if logits[index] == next.threshold { counts.removeLast() }
            next.threshold = logits[index]
            if isProxy[index] { next.proxies += 1 } else { next.generated += 1 }
            counts.append(next)
        }
        let corners = counts.indices.filter { i in
            // scikit-learn keeps the first point after (0, 0), too.
            guard i > 1, i < counts.count - 1 else { return true }
            let (before, here, after) = (counts[i - 1], counts[i], counts[i + 1])
            return after.generated - here.generated != here.generated - before.generated
                || after.proxies - here.proxies != here.proxies - before.proxies
        }
        points = corners.map { i in
            Point(
                threshold: counts[i].threshold,
                falsePositiveRate: Double(counts[i].generated) / Double(generated),
                truePositiveRate: Double(counts[i].proxies) / Double(proxies))
        }
    }
}
