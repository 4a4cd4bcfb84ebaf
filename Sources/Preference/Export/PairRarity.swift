/// How common a pair is among the pairs of a data set, for VideoDPO's re-weighting.
///
/// VideoDPO weighs a pair with `(0.72 / score) ** dupbeta`, where the score is the product of the
/// probabilities of both videos' rewards by their histogram, so that rare pairs count more. The scores
/// here are scaled so that the commonest pair has 0.72, whose weight is 1; none is 0, by which the
/// loader would divide. With `dupbeta: 0`, as VideoDPO's own configuration has it, they mean nothing.
///
/// Source: arXiv 2412.14167; CIntellifusion/VideoDPO, `OmniScore/visualize_pair_prob.py`.
struct PairRarity {
    /// One for each pair, in (0, 0.72].
    let scores: [Double]

    /// NumPy's default.
    private static let binCount = 10

    init(_ plan: ExportPlan) {
        self.init(
            logits: plan.clips.map(\.ranked.score.logit),
            pairs: plan.samples.map {
                ($0.clips[0].ranked.score.logit, $0.clips[1].ranked.score.logit)
            })
    }

    /// - Parameters:
    ///   - logits: Of all videos, each once.
    ///   - pairs: Of these.
    init(logits: [Double], pairs: [(Double, Double)]) {
        let low = logits.min() ?? 0
        // Halves, since the difference of two finite numbers need not be finite.
        let range = (logits.max() ?? 0) / 2 - low / 2
        func bin(_ logit: Double) -> Int {
            guard range > 0 else { return 0 }
            let place = (logit / 2 - low / 2) / range * Double(Self.binCount)
            return min(Int(place), Self.binCount - 1)
        }
        var counts = [Double](repeating: 0, count: Self.binCount)
        for logit in logits { counts[bin(logit)] += 1 }
        let products = pairs.map { counts[bin($0.0)] * counts[bin($0.1)] }
        let most = products.max() ?? 1
        scores = products.map { 0.72 * $0 / most }
    }
}
