internal import Files
import Foundation
internal import Statistics
import Synchronization

/// The kernel distance of two sets of features, the metric of KID, for the embeddings of any
/// encoder: the unbiased estimate of the squared maximum mean discrepancy with the kernel
/// k(x, y) = (xᵀy / D + 1)³, over random subsets of both sets.
///
/// The mean does not depend on the number of samples, unlike the Fréchet distance, and may be
/// negative where the sets are alike.
///
/// Source: Bińkowski et al., Demystifying MMD GANs, arXiv 1801.01401; toshas/torch-fidelity 2a4d96b,
/// `torch_fidelity/metric_kid.py`.
public struct KernelDistance: Sendable, Hashable {
    /// Default number of subsets, as in torch-fidelity and torchmetrics.
    public static let defaultSubsetCount = 100
    /// Default size of a subset, as in torch-fidelity and torchmetrics.
    public static let defaultSubsetSize = 1000
    /// Valid numbers of subsets.
    package static let subsetCounts = 1...100_000
    /// Valid sizes of subsets.
    package static let subsetSizes = 2...20_000

    /// Mean over the subsets.
    public let mean: Double
    /// Standard deviation over the subsets (divisor: their number, as in both references).
    public let standardDeviation: Double
    public let subsetCount: Int
    public let subsetSize: Int

    /// Computes the distance.
    ///
    /// Each subset draws `subsetSize` samples of each set without replacement. The same features,
    /// sizes and seed give bit-identical results, with any number of processors. The drawing is not
    /// NumPy's, so that results differ from the references' by a share of the standard error.
    ///
    /// - Parameters:
    ///   - reference: `[n1, D]`, n1 at least `subsetSize`.
    ///   - other: `[n2, D]`, n2 at least `subsetSize`.
    ///   - subsetCount: 1 to 100 000.
    ///   - subsetSize: 2 to 20 000.
    /// - Throws: `DistanceError.noDistance` for fewer samples, for vectors of different lengths and
    ///   for values that are not finite or too large; `DistanceError.badSetting`.
    public init(
        _ reference: [[Float]], _ other: [[Float]], subsetCount: Int = defaultSubsetCount,
        subsetSize: Int = defaultSubsetSize, seed: UInt64 = 0
    ) throws(DistanceError) {
        guard Self.subsetCounts.contains(subsetCount) else {
            throw .badSetting(name: "subsets", requirement: "1 to 100000")
        }
        guard Self.subsetSizes.contains(subsetSize) else {
            throw .badSetting(name: "subset size", requirement: "2 to 20000")
        }
        let dimension = reference.first?.count ?? 0
        for set in [reference, other] {
            guard set.count >= subsetSize else {
                throw .noDistance(
                    reason: """
                        a subset of the kernel distance has \(subsetSize) samples, one side \
                        \(set.count); add samples, or choose subsets of at most \(set.count)
                        """)
            }
            try Self.check(set, dimension: dimension)
        }
        let bytes = [2, ProcessInfo.processInfo.activeProcessorCount, subsetSize, dimension, 8]
        guard Memory.isAvailable(Checked.product(of: bytes)) else {
            throw .outOfMemory(dimension: dimension)
        }
        var generator = RandomGenerator(seed: seed, stream: .subsets)
        let subsets = (0..<subsetCount).map { _ in
            [reference, other].map { generator.sample(subsetSize, of: $0.count) }
        }
        let estimates = Mutex(Array(repeating: 0.0, count: subsetCount))
        DispatchQueue.concurrentPerform(iterations: subsetCount) { index in
            let estimate = KernelEstimate.unbiased(
                subsets[index][0].map { reference[$0] }, subsets[index][1].map { other[$0] })
            estimates.withLock { $0[index] = estimate }
        }
        let values = estimates.withLock { $0 }
        mean = values.mean
        standardDeviation = values.standardDeviation
        self.subsetCount = subsetCount
        self.subsetSize = subsetSize
        guard mean.isFinite, standardDeviation.isFinite else {
            throw .noDistance(reason: "the embeddings are too large")
        }
    }

    private static func check(_ set: [[Float]], dimension: Int) throws(DistanceError) {
        for vector in set {
            guard vector.count == dimension, dimension > 0 else {
                throw .noDistance(
                    reason: "embeddings have \(dimension) and \(vector.count) values")
            }
            guard vector.allSatisfy(\.isFinite) else {
                throw .noDistance(reason: "an embedding has a value that is not finite")
            }
        }
    }
}
