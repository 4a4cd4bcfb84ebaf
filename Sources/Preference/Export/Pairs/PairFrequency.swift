import Files

/// How common a pair is among the pairs of a data set, for VideoDPO's re-weighting.
///
/// VideoDPO weights a pair by `(0.72 / score) ** dupbeta`, where the score is the product of the
/// histogram probabilities of both videos' rewards, so that rare pairs count more. Scores are scaled
/// here so that the most common pair has 0.72, hence weight 1; none is 0, by which the loader would
/// divide. With `dupbeta: 0`, the value in VideoDPO's configuration, they have no effect.
///
/// Source: arXiv 2412.14167; CIntellifusion/VideoDPO, `OmniScore/visualize_pair_prob.py`.
struct PairFrequency {
    /// One score per pair, in (0, 0.72].
    let scores: [Double]

    /// Histogram bins, as NumPy's default.
    private static let binCount = 10

    init(_ plan: ExportPlan) {
        self.init(
            logits: plan.clips.map(\.ranked.score.logit),
            pairs: plan.samples.map {
                ($0.chosen.ranked.score.logit, $0.rejected.ranked.score.logit)
            })
    }

    /// - Parameters:
    ///   - logits: Logits of all videos, each once.
    ///   - pairs: Logits of the two videos of each pair.
    init(logits: [Double], pairs: [(Double, Double)]) {
        let low = logits.min() ?? 0
        // Halved, since the difference of two finite values can overflow.
        let range = (logits.max() ?? 0) / 2 - low / 2
        func bin(_ logit: Double) -> Int {
            guard range > 0 else { return 0 }
            let position = (logit / 2 - low / 2) / range * Double(Self.binCount)
            return Int(truncating: min(max(position, 0), Double(Self.binCount - 1))) ?? 0
        }
        var counts = [Double](repeating: 0, count: Self.binCount)
        for logit in logits { counts[bin(logit)] += 1 }
        let products = pairs.map { counts[bin($0.0)] * counts[bin($0.1)] }
        let maximum = products.max() ?? 1
        scores = products.map { 0.72 * $0 / maximum }
    }
}
