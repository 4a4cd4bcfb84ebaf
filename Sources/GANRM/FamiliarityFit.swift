import Foundation
import Reward
import Tensors

/// Finds what a training's embeddings look like, on both sides together.
///
/// Distances are made a scale by folds: those of samples to the embeddings of all other groups, as those of new
/// sources will be. Of 433 clips of 106 repositories 0.5 % lie beyond `Familiarity.usualMaximum`.
enum FamiliarityFit {
    /// Fewest samples that say anything.
    private static let smallestCount = 10
    private static let foldCount = 5
    /// Least deviation of the distances' logarithms: a few samples may be alike by chance.
    private static let leastLogDeviation = 0.15

    /// - Parameter examples: Those of the training; degraded copies and what shows nothing are left out.
    /// - Returns: Nil if there are too few, or if they cannot be trained on.
    static func familiarity(of examples: [Example], seed: UInt64) -> Familiarity? {
        var samples = examples.filter { !$0.isPerturbed && !$0.isExcluded }
        let width = samples.first?.embedding.count ?? 0
        guard samples.count >= smallestCount,
            samples.allSatisfy({
                $0.embedding.count == width && $0.embedding.allSatisfy(\.isFinite)
            })
        else { return nil }
        // One source alone has no others to be compared with: then samples stand for themselves.
        if Set(samples.map { $0.group ?? UUID().uuidString }).count < foldCount {
            for index in samples.indices { samples[index].group = nil }
        }
        var logs: [Double] = []
        for fold in GroupSplit.folds(samples, count: foldCount, seed: seed) {
            let metric = MetricFit.metric(of: fold.training.map { samples[$0].embedding })
            logs += fold.validation.compactMap { index in
                let distance = metric(samples[index].embedding[...])
                return distance > 0 ? log(distance) : nil
            }
        }
        logs.sort()
        guard logs.count >= smallestCount else { return nil }
        let median = quantile(0.5, ofSorted: logs)
        // Upwards, since that is where the limit lies; Φ⁻¹(0.9).
        let deviation = (quantile(0.9, ofSorted: logs) - median) / 1.281_551_565_544_600_5
        return Familiarity(
            metric: MetricFit.metric(of: samples.map(\.embedding)),
            scale: Familiarity.Scale(
                ridge: MetricFit.ridge, count: logs.count, logMedian: median,
                logDeviation: max(deviation, leastLogDeviation)))
    }
}
