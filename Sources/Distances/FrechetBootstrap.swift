import Foundation
public import Statistics
import Synchronization

/// A 95 % confidence interval of a Fréchet distance, by bootstrap over samples.
///
/// Each resample draws as many samples of a side as it has, with replacement, and costs as much as
/// the distance itself; processors share them out.
///
/// Resamples have fewer different samples than the sides, and the distances of resamples are
/// therefore larger by about the bias of the distance itself. The interval is the basic one, from
/// 2 d − q(0.975) to 2 d − q(0.025) for the distance d and quantiles q, which corrects for this: with
/// few samples it lies below the distance. The interval of quantiles, which lies above, hardly ever
/// contains the true distance. With fewer than 2 D samples the correction is too small
/// (docs/evaluation.md).
///
/// Source: Davison and Hinkley, Bootstrap Methods and their Application, 1997, section 5.2.
public struct FrechetBootstrap: Sendable {
    /// A side of the distance.
    public enum Side: Sendable {
        /// Samples, `[n, D]`, which are drawn.
        case samples([[Float]], shrinkage: CovarianceShrinkage)
        /// A distribution that stays as it is, since its samples are not known.
        case fixed(NormalFit)
    }

    /// Valid numbers of resamples.
    package static let resampleCounts = 2...100_000

    private let resamples: Int
    private let seed: UInt64

    /// - Parameters:
    ///   - resamples: 2 to 100 000.
    ///   - seed: The same samples and seed give bit-identical intervals.
    public init(resamples: Int, seed: UInt64 = 0) {
        precondition(Self.resampleCounts.contains(resamples))
        self.resamples = resamples
        self.seed = seed
    }

    /// The interval of a distance; its ends are at least 0.
    ///
    /// - Parameters:
    ///   - distance: The distance of both sides.
    ///   - reference: One side.
    ///   - other: The other side.
    /// - Returns: Nil if no side has samples.
    /// - Throws: `DistanceError`, as `NormalFit` and `FrechetDistance`.
    public func interval(
        of distance: Double, _ reference: Side, _ other: Side
    ) throws(DistanceError) -> ConfidenceInterval? {
        let sides = [reference, other]
        guard sides.contains(where: { if case .samples = $0 { true } else { false } }) else {
            return nil
        }
        var generator = RandomGenerator(seed: seed, stream: .resampling)
        let seeds = (0..<resamples).map { _ in generator.next() }
        let results = Mutex(
            [Result<Double, DistanceError>](repeating: .success(0), count: resamples))
        DispatchQueue.concurrentPerform(iterations: resamples) { index in
            let result = Result { () throws(DistanceError) in
                var generator = RandomGenerator(seed: seeds[index], stream: .resampling)
                let first = try Self.fit(of: reference, &generator)
                return try FrechetDistance(first, Self.fit(of: other, &generator)).distance
            }
            results.withLock { $0[index] = result }
        }
        var values: [Double] = []
        for result in results.withLock({ $0 }) { values.append(try result.get()) }
        values.sort()
        let (low, high) = (quantile(0.025, ofSorted: values), quantile(0.975, ofSorted: values))
        return ConfidenceInterval(
            low: max(2 * distance - high, 0), high: max(2 * distance - low, 0))
    }

    /// The distribution of a resample.
    private static func fit(
        of side: Side, _ generator: inout RandomGenerator
    ) throws(DistanceError) -> NormalFit {
        switch side {
        case .fixed(let fit): return fit
        case .samples(let samples, let shrinkage):
            var moments = try FeatureMoments(dimension: samples.first?.count ?? 0)
            for _ in samples { try moments.append(samples[generator.below(samples.count)]) }
            return try NormalFit(moments, shrinkage: shrinkage)
        }
    }
}
