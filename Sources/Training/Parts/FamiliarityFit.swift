import Foundation
import Reward
import Statistics

/// Fits the distribution of a training's embeddings, with proxy and generated samples together.
///
/// The scale of distances comes from cross-validation by group, since new samples come from other
/// sources: each sample is measured against the other groups. Of 433 clips from 106 repositories,
/// 0.5 % lie beyond `Familiarity.defaultMaximum`.
enum FamiliarityFit {
    /// Minimum number of samples.
    private static let minimumCount = 10
    private static let foldCount = 5
    /// Minimum standard deviation of log distances; a few samples may be alike by chance.
    private static let minimumLogDeviation = 0.15

    /// - Parameter examples: The training's examples; degraded copies and degenerate samples are
    ///   ignored.
    /// - Returns: Nil for fewer than 10 samples, or for embeddings of different lengths or not
    ///   finite.
    static func familiarity(of examples: [Example], seed: UInt64) -> Familiarity? {
        let samples = examples.filter { !$0.isDegraded && !$0.isExcluded }
        let width = samples.first?.embedding.count ?? 0
        guard samples.count >= minimumCount,
            samples.allSatisfy({
                $0.embedding.count == width && $0.embedding.allSatisfy(\.isFinite)
            })
        else { return nil }
        var logs: [Double] = []
        for fold in GroupSplit.foldsByExampleIfNeeded(
            samples, count: foldCount, seed: seed)
        {
            let metric = MahalanobisFit.metric(of: fold.training.map { samples[$0].embedding })
            logs += fold.validation.compactMap { index in
                let distance = metric(samples[index].embedding[...])
                return distance > 0 ? log(distance) : nil
            }
        }
        logs.sort()
        guard logs.count >= minimumCount else { return nil }
        let median = quantile(0.5, ofSorted: logs)
        // From the upper tail, where the limit is; the divisor is Φ⁻¹(0.9).
        let deviation = (quantile(0.9, ofSorted: logs) - median) / 1.281_551_565_544_600_5
        return Familiarity(
            metric: MahalanobisFit.metric(of: samples.map(\.embedding)),
            scale: Familiarity.Scale(
                ridge: MahalanobisFit.ridge, count: logs.count, logMedian: median,
                logDeviation: max(deviation, minimumLogDeviation)))
    }
}
