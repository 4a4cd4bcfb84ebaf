internal import CLAPACK
import Foundation
import Media
import Reward
import Statistics
import TextFormats

/// Fits the damage part: a score S that is higher for a degraded copy than for its original.
///
/// S is linear in the embedding and in its log distances from undamaged samples. Pairwise
/// comparisons alone learn only the kinds of damage that are in the training, and rate the opposite
/// of a kind as an improvement; distances do not depend on the kind. With 23 kinds of damage, each
/// held out once, 0.86 of the copies had the higher S with both, 0.75 with comparisons alone, and
/// 0.89 with distances alone, though with a third of the margin. Motion features are one more block
/// with its own distance.
struct DegradationFit {
    /// L2 penalties λ for the weights of log distances, embedding values and motion features, all
    /// standardized.
    private static let distanceDecay = 0.003
    private static let embeddingDecay = 0.3
    private static let motionDecay = 0.1
    /// μ, the weight of the variance of S over undamaged samples; a small variance separates copies
    /// from them.
    private static let variancePenalty = 0.1
    private static let foldCount = 5
    private static let clippedShare = 0.01
    private static let steps = 300
    /// Maximum number of pairs; more are subsampled evenly.
    private static let pairLimit = 8192
    /// Minimum number of undamaged samples, and of pairs.
    private static let minimumCount = 10

    private let samples: [Example]
    private let pairs: [(copy: Example, original: Int)]
    private let blockCount: Int
    /// Whether enough samples have motion features to fit their weights.
    private let usesMotion: Bool
    /// S of each undamaged sample, by name, from the fold that held out the sample's group.
    private(set) var heldOut: [ByteString: Double] = [:]
    private var metrics = Metrics(content: [], motion: nil)
    /// Clipping range of each motion feature but the last: the 1 % and 99 % quantiles of undamaged
    /// samples.
    private let bounds: [ClosedRange<Float>]
    private var weights = Weights()

    /// - Parameters:
    ///   - examples: Undamaged samples, and copies that refer to them by name.
    ///   - blockCount: Blocks of an embedding, two per tap: CLS token and mean.
    /// - Returns: Nil for fewer than 10 samples or 10 pairs.
    init?(_ examples: [Example], blockCount: Int, seed: UInt64) {
        let samples = examples.filter { !$0.isDegraded && !$0.isExcluded }
        let rows = Dictionary(
            samples.indices.compactMap { row in samples[row].name.map { (ByteString($0), row) } },
            uniquingKeysWith: { first, _ in first })
        let copies = examples.filter(\.isDegraded)
        let moving = copies.filter { $0.showsDamagedMotion && $0.hasMotion }
        usesMotion =
            moving.count >= Self.minimumCount
            && samples.count(where: \.hasMotion) >= Self.minimumCount
        // Without motion, a motion degradation leaves the sample unchanged.
        var pairs = copies.filter { !$0.showsDamagedMotion || $0.hasMotion }.compactMap { copy in
            copy.original.flatMap { rows[ByteString($0)] }.map { (copy: copy, original: $0) }
        }
        if pairs.count > Self.pairLimit {
            pairs = (0..<Self.pairLimit).map { pairs[$0 * pairs.count / Self.pairLimit] }
        }
        guard samples.count >= Self.minimumCount, pairs.count >= Self.minimumCount else {
            return nil
        }
        let motions = usesMotion ? samples.filter(\.hasMotion).map(\.motion) : []
        bounds = (motions.first ?? []).indices.dropLast().map { feature in
            let values = motions.map { Double($0[feature]) }.sorted()
            return Float(
                quantile(Self.clippedShare, ofSorted: values))...Float(
                    quantile(1 - Self.clippedShare, ofSorted: values))
        }
        self.samples = samples
        self.pairs = pairs
        self.blockCount = blockCount
        fit(seed: seed)
    }

    /// The fitted damage part.
    ///
    /// - Parameter weight: Logits per standard deviation of S.
    func part(weight: Double) -> DegradationPart {
        DegradationPart(
            metrics: metrics.content, distanceWeights: weights.distances.map { Float($0) },
            weights: weights.embedding.map { Float($0) },
            motion: metrics.motion.map { metric in
                DegradationPart.Motion(
                    bounds: bounds, metric: metric, distanceWeight: Float(weights.motionDistance),
                    weights: weights.motion.map { Float($0) })
            },
            scale: DegradationPart.Scale(
                ridge: MahalanobisFit.ridge, offset: weights.offset, weight: weight,
                usual: heldOut.values.sorted().map(softplus).mean, copyCount: pairs.count,
                kinds: Set(pairs.compactMap(\.copy.degradationKind)).sorted()))
    }

    private struct Metrics {
        var content: [MahalanobisDistance]
        /// Nil without motion features.
        var motion: MahalanobisDistance?
    }

    private func metrics(of rows: some Sequence<Int>) -> Metrics {
        let subset = rows.map { samples[$0] }
        var moving = subset.filter(\.hasMotion)
        // All samples with motion may be in the group that is held out.
        if moving.isEmpty { moving = samples.filter(\.hasMotion) }
        let size = subset[0].embedding.count / blockCount
        return Metrics(
            content: (0..<blockCount).map { block in
                MahalanobisFit.metric(
                    of: subset.map { Array($0.embedding[block * size..<(block + 1) * size]) })
            },
            motion: usesMotion
                ? MahalanobisFit.metric(
                    of: moving.map { DegradationPart.Motion.bounded($0.motion, bounds) })
                : nil)
    }

    /// A sample's columns: log distances and embedding, then, with motion features, their log
    /// distance and values, which are NaN for a sample without motion.
    private func features(of example: Example, _ metrics: Metrics) -> [Double] {
        let content =
            DegradationPart.logDistances(of: example.embedding[...], metrics.content)
            + example.embedding.map { Double($0) }
        guard let metric = metrics.motion else { return content }
        guard example.hasMotion else {
            return content + Array(repeating: .nan, count: 1 + metric.width)
        }
        let features = DegradationPart.Motion.bounded(example.motion, bounds)
        return content + DegradationPart.logDistances(of: features[...], [metric])
            + features.map { Double($0) }
    }

    /// The factor for each standardized column that makes one weight decay act as the column's own.
    private func shrinkage(width: Int) -> [Double] {
        let content = blockCount + samples[0].embedding.count
        return (0..<width).map { column in
            let decay =
                column < blockCount || column == content
                ? Self.distanceDecay
                : column < content ? Self.embeddingDecay : Self.motionDecay
            return (Self.distanceDecay / decay).squareRoot()
        }
    }

    private mutating func fit(seed: UInt64) {
        // Distances are measured to samples of other groups, since new samples come from other
        // sources.
        let folds = GroupSplit.foldsByExampleIfNeeded(
            samples, count: Self.foldCount, seed: seed)
        var foldOf = Array(repeating: 0, count: samples.count)
        var undamaged = Array(repeating: [Double](), count: samples.count)
        var damaged = Array(repeating: [Double](), count: pairs.count)
        for (fold, split) in folds.enumerated() {
            let metrics = metrics(of: split.training)
            let rows = Set(split.validation)
            for row in split.validation {
                foldOf[row] = fold
                undamaged[row] = features(of: samples[row], metrics)
            }
            for index in pairs.indices where rows.contains(pairs[index].original) {
                damaged[index] = features(of: pairs[index].copy, metrics)
            }
        }
        let columns = undamaged[0].indices.map { column in
            Column(undamaged.map { $0[column] }.filter { !$0.isNaN })
        }
        let shrinkage = shrinkage(width: columns.count)
        func scaled(_ row: [Double]) -> [Double] {
            row.indices.map { column in
                // A sample without motion gets the mean.
                row[column].isNaN
                    ? 0
                    : (row[column] - columns[column].mean) / columns[column].deviation
                        * shrinkage[column]
            }
        }
        let rows = undamaged.map(scaled)
        let differences = zip(damaged, pairs).map { damaged, pair in
            zip(scaled(damaged), rows[pair.original]).map { $0 - $1 }
        }
        func solve(excluding fold: Int?) -> [Double] {
            let used = pairs.indices.filter { foldOf[pairs[$0].original] != fold }
            let kinds = used.map { pairs[$0].copy.degradationKind }
            let counts = Dictionary(kinds.map { ($0, 1) }, uniquingKeysWith: +)
            let balance = kinds.map { kind in
                guard let count = counts[kind] else { preconditionFailure("all kinds are counted") }
                return 1 / Double(count)
            }
            return Comparison(
                differences: used.map { differences[$0] }, balance: balance,
                undamaged: rows.indices.filter { foldOf[$0] != fold }.map { rows[$0] },
                decay: Self.distanceDecay, variancePenalty: Self.variancePenalty
            ).solution(steps: Self.steps)
        }
        var sums = Array(repeating: 0.0, count: samples.count)
        for fold in folds.indices {
            let solution = solve(excluding: fold)
            for row in rows.indices where foldOf[row] == fold {
                sums[row] = zip(rows[row], solution).reduce(0) { $0 + $1.0 * $1.1 }
            }
        }
        let median = quantile(0.5, ofSorted: sums.sorted())
        let unit = Column(sums).deviation
        for (row, sum) in sums.enumerated() {
            if let name = samples[row].name { heldOut[name] = (sum - median) / unit }
        }
        metrics = metrics(of: samples.indices)
        let solution = solve(excluding: nil).enumerated().map { column, weight in
            weight * shrinkage[column] / columns[column].deviation / unit
        }
        weights = Weights(
            solution, means: columns.map(\.mean), blockCount: blockCount,
            embeddingWidth: samples[0].embedding.count, median: median / unit)
    }

    /// Mean and standard deviation of a column; the deviation is at least 1e-6.
    private struct Column {
        let mean: Double
        let deviation: Double

        init(_ values: [Double]) {
            mean = values.mean
            deviation = max(values.standardDeviation, 1e-6)
        }
    }

    /// Weights of S for columns that are not standardized.
    private struct Weights {
        var distances: [Double] = []
        var embedding: [Double] = []
        var motionDistance = 0.0
        /// Weights of the motion features; the last element is the offset that subtracts their mean
        /// contribution.
        var motion: [Double] = []
        var offset = 0.0

        init() {}

        init(
            _ weights: [Double], means: [Double], blockCount: Int, embeddingWidth: Int,
            median: Double
        ) {
            let content = blockCount + embeddingWidth
            func meanContribution(of columns: Range<Int>) -> Double {
                columns.reduce(0) { $0 + weights[$1] * means[$1] }
            }
            distances = Array(weights[..<blockCount])
            embedding = Array(weights[blockCount..<content])
            offset = -median - meanContribution(of: 0..<content)
            guard weights.count > content else { return }
            motionDistance = weights[content]
            motion = weights[(content + 1)...] + [-meanContribution(of: content..<weights.count)]
        }
    }
}

extension Example {
    /// Whether the sample has motion; the last motion feature is the flag.
    fileprivate var hasMotion: Bool { motion.last == 1 }

    /// Whether the sample is a copy with a motion degradation.
    fileprivate var showsDamagedMotion: Bool {
        degradationKind.flatMap(Degradation.Kind.init)?.isTemporal ?? false
    }
}

/// Logistic regression on the differences of pairs, so that the first row of a pair gets the higher
/// sum.
///
///     Σ balance · log(1 + exp(−w·x)) / Σ balance + decay/2 |w|² + penalty/2 · mean (w·u)²
private struct Comparison {
    private let width: Int
    /// `[n, width]`.
    private let differences: [Double]
    private let balance: [Double]
    /// `[m, width]`.
    private let undamaged: [Double]
    private let decay: Double
    private let variancePenalty: Double

    init(
        differences: [[Double]], balance: [Double], undamaged: [[Double]], decay: Double,
        variancePenalty: Double
    ) {
        width = undamaged[0].count
        self.differences = differences.flatMap(\.self)
        let sum = balance.reduce(0, +)
        self.balance = balance.map { $0 / sum }
        self.undamaged = undamaged.flatMap(\.self)
        self.decay = decay
        self.variancePenalty = variancePenalty / Double(undamaged.count)
    }

    /// Nesterov's accelerated gradient from 0, for smooth and strongly convex functions.
    ///
    /// Source: Nesterov, Introductory Lectures on Convex Optimization, 2004, scheme 2.2.9.
    func solution(steps: Int) -> [Double] {
        let smoothness = smoothness
        let ratio = (decay / smoothness).squareRoot()
        let momentum = (1 - ratio) / (1 + ratio)
        var weights = Array(repeating: 0.0, count: width)
        var ahead = weights
        for _ in 0..<steps {
            let gradient = gradient(at: ahead)
            let next = zip(ahead, gradient).map { $0 - $1 / smoothness }
            ahead = zip(next, weights).map { $0 + momentum * ($0 - $1) }
            weights = next
        }
        return weights
    }

    private func gradient(at weights: [Double]) -> [Double] {
        let slopes = zip(product(differences, weights), balance).map { sum, balance in
            -balance / (1 + exp(sum))
        }
        let excess = product(undamaged, weights).map { variancePenalty * $0 }
        var gradient = transposedProduct(differences, slopes)
        for (i, value) in transposedProduct(undamaged, excess).enumerated() {
            gradient[i] += value + decay * weights[i]
        }
        return gradient
    }

    /// An estimate of the gradient's Lipschitz constant by power iteration, with a margin of 10 %.
    /// The second derivative of the logistic loss is at most 1/4.
    private var smoothness: Double {
        var direction = (0..<width).map { 1 + Double($0 * 37 % 101) / 101 }
        var length = 1.0
        for _ in 0..<30 {
            let norm = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
            direction = direction.map { $0 / norm }
            let first = zip(product(differences, direction), balance).map { 0.25 * $0 * $1 }
            let second = product(undamaged, direction).map { variancePenalty * $0 }
            direction = zip(
                transposedProduct(differences, first), transposedProduct(undamaged, second)
            ).map { $0 + $1 }
            length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
        return 1.1 * length + decay
    }

    /// The product of a matrix, `[n, width]`, and a vector, `[width]`.
    private func product(_ matrix: [Double], _ vector: [Double]) -> [Double] {
        ganrm_lapack_use_one_thread()
        var result = Array(repeating: 0.0, count: matrix.count / width)
        cblas_dgemv(
            CblasRowMajor, CblasNoTrans, Int32(result.count), Int32(width), 1, matrix,
            Int32(width), vector, 1, 0, &result, 1)
        return result
    }

    /// The product of the transpose of a matrix, `[n, width]`, and a vector, `[n]`.
    private func transposedProduct(_ matrix: [Double], _ vector: [Double]) -> [Double] {
        ganrm_lapack_use_one_thread()
        var result = Array(repeating: 0.0, count: width)
        cblas_dgemv(
            CblasRowMajor, CblasTrans, Int32(vector.count), Int32(width), 1, matrix,
            Int32(width), vector, 1, 0, &result, 1)
        return result
    }
}
