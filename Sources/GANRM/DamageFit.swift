internal import CLAPACK
import Encoders
import Foundation
import Media
import Reward
import Tensors

/// Learns what damage looks like from degraded copies: each is to have a higher S than its original.
///
/// Comparisons of copies alone know only the kinds that they are shown, and take the opposite of a kind for its
/// cure; distances from undamaged samples know no kinds at all. Together they know more than either: of 23 kinds
/// of damage, each kept back once, 0.86 of copies had the higher S, of those by comparisons alone 0.75, by
/// distances alone 0.89, but then by a third of the margin. Motion is one more block, with a distance of its own.
struct DamageFit {
    /// λ of the weights of distances, of embeddings' numbers and of motion's, all standardized.
    private static let distanceDecay = 0.003
    private static let embeddingDecay = 0.3
    private static let motionDecay = 0.1
    /// μ: how much the variance of S over undamaged samples counts, so that copies stand out from it.
    private static let variancePenalty = 0.1
    private static let foldCount = 5
    private static let boundShare = 0.01
    private static let steps = 300
    /// Most copies that are compared, spread evenly.
    private static let largestCount = 8192
    /// Fewest undamaged samples and copies that say anything.
    private static let smallestCount = 10

    private let samples: [Example]
    private let pairs: [(copy: Example, original: Int)]
    private let blockCount: Int
    /// Whether there was enough motion to learn from.
    private let judgesMotion: Bool
    /// S of the undamaged samples, each by a fit that has not seen its group; by their names.
    private(set) var heldOut: [String: Double] = [:]
    private var metrics = Metrics(content: [], motion: nil)
    /// Within which features of motion count: all but one in a hundred of undamaged samples at either end.
    private let bounds: [ClosedRange<Float>]
    private var weights = Weights()

    /// - Parameters:
    ///   - examples: Undamaged samples and copies, which name them.
    ///   - blockCount: Blocks of an embedding, for each tap two.
    /// - Returns: Nil if there are too few.
    init?(_ examples: [Example], blockCount: Int, seed: UInt64) {
        let samples = examples.filter { !$0.isPerturbed && !$0.isExcluded }
        let rows = Dictionary(
            samples.indices.compactMap { row in samples[row].name.map { ($0, row) } },
            uniquingKeysWith: { first, _ in first })
        let copies = examples.filter(\.isPerturbed)
        let moving = copies.filter { $0.showsDamagedMotion && $0.hasMotion }
        judgesMotion =
            moving.count >= Self.smallestCount
            && samples.count(where: \.hasMotion) >= Self.smallestCount
        // What does not move is as it was.
        var pairs = copies.filter { !$0.showsDamagedMotion || $0.hasMotion }.compactMap { copy in
            copy.original.flatMap { rows[$0] }.map { (copy: copy, original: $0) }
        }
        if pairs.count > Self.largestCount {
            pairs = (0..<Self.largestCount).map { pairs[$0 * pairs.count / Self.largestCount] }
        }
        guard samples.count >= Self.smallestCount, pairs.count >= Self.smallestCount else {
            return nil
        }
        let usual = judgesMotion ? samples.filter(\.hasMotion).map(\.motion) : []
        bounds = (usual.first ?? []).indices.dropLast().map { feature in
            let values = usual.map { Double($0[feature]) }.sorted()
            return Float(
                quantile(Self.boundShare, ofSorted: values))...Float(
                    quantile(1 - Self.boundShare, ofSorted: values))
        }
        self.samples = samples
        self.pairs = pairs
        self.blockCount = blockCount
        fit(seed: seed)
    }

    /// The part, once it is known what it is to cost.
    ///
    /// - Parameter weight: Logits per deviation of S.
    func part(weight: Double) -> DamagePart {
        DamagePart(
            metrics: metrics.content, distanceWeights: weights.distances.map { Float($0) },
            weights: weights.embedding.map { Float($0) },
            motion: metrics.motion.map { metric in
                DamagePart.Motion(
                    bounds: bounds, metric: metric, distanceWeight: Float(weights.motionDistance),
                    weights: weights.motion.map { Float($0) })
            },
            scale: DamagePart.Scale(
                ridge: MetricFit.ridge, offset: weights.offset, weight: weight,
                usual: heldOut.values.sorted().reduce(0) { $0 + softplus($1) }
                    / Double(max(heldOut.count, 1)), copyCount: pairs.count,
                kinds: Set(pairs.compactMap(\.copy.kindOfDamage)).sorted()))
    }

    private struct Metrics {
        var content: [MahalanobisDistance]
        /// Nil if motion is not judged.
        var motion: MahalanobisDistance?
    }

    private func metrics(of rows: some Sequence<Int>) -> Metrics {
        let some = rows.map { samples[$0] }
        var moving = some.filter(\.hasMotion)
        // Whatever moves may be in one group.
        if moving.isEmpty { moving = samples.filter(\.hasMotion) }
        let size = some[0].embedding.count / blockCount
        return Metrics(
            content: (0..<blockCount).map { block in
                MetricFit.metric(
                    of: some.map { Array($0.embedding[block * size..<(block + 1) * size]) })
            },
            motion: judgesMotion
                ? MetricFit.metric(of: moving.map { DamagePart.Motion.bounded($0.motion, bounds) })
                : nil)
    }

    /// The columns of a sample: logarithms of distances, the embedding, and where motion is judged that of its
    /// distance and its features; not a number where there is none.
    private func features(of example: Example, _ metrics: Metrics) -> [Double] {
        let content =
            DamagePart.logDistances(of: example.embedding[...], metrics.content)
            + example.embedding.map { Double($0) }
        guard let metric = metrics.motion else { return content }
        guard example.hasMotion else {
            return content + Array(repeating: .nan, count: 1 + metric.width)
        }
        let features = DamagePart.Motion.bounded(example.motion, bounds)
        return content + DamagePart.logDistances(of: features[...], [metric])
            + features.map { Double($0) }
    }

    /// How much smaller than others a column's weight is to be: one decay serves all.
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
        // Distances as new sources will have them: to the samples of other groups.
        let folds = GroupSplit.folds(samples, count: Self.foldCount, seed: seed)
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
                // Where there is no motion, as usual.
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
            let counts = Dictionary(
                used.map { (pairs[$0].copy.kindOfDamage ?? "", 1) }, uniquingKeysWith: +)
            let balance = used.map { 1 / Double(counts[pairs[$0].copy.kindOfDamage ?? ""] ?? 1) }
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

    /// Mean and deviation of a column, which is above 0.
    private struct Column {
        let mean: Double
        let deviation: Double

        init(_ values: [Double]) {
            mean = values.mean
            deviation = max(values.standardDeviation, 1e-6)
        }
    }

    /// What each column of a sample, as it is, adds to S.
    private struct Weights {
        var distances: [Double] = []
        var embedding: [Double] = []
        var motionDistance = 0.0
        /// Those of the features; last what takes the means of motion off.
        var motion: [Double] = []
        var offset = 0.0

        init() {}

        init(
            _ weights: [Double], means: [Double], blockCount: Int, embeddingWidth: Int,
            median: Double
        ) {
            let content = blockCount + embeddingWidth
            func usual(_ columns: Range<Int>) -> Double {
                columns.reduce(0) { $0 + weights[$1] * means[$1] }
            }
            distances = Array(weights[..<blockCount])
            embedding = Array(weights[blockCount..<content])
            offset = -median - usual(0..<content)
            guard weights.count > content else { return }
            motionDistance = weights[content]
            motion = weights[(content + 1)...] + [-usual(content..<weights.count)]
        }
    }
}

extension Example {
    /// Whether it moves: the last feature of motion says so.
    fileprivate var hasMotion: Bool { motion.last == 1 }

    /// Whether it is a copy whose frames follow each other in another way.
    fileprivate var showsDamagedMotion: Bool {
        kindOfDamage.flatMap(Degradation.Kind.init).map(Degradation.Kind.ofMotion.contains) ?? false
    }
}

/// Weights by which one row of a pair has a higher sum than the other: logistic regression of differences.
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
        let steepness = steepness
        let ratio = (decay / steepness).squareRoot()
        let momentum = (1 - ratio) / (1 + ratio)
        var weights = Array(repeating: 0.0, count: width)
        var ahead = weights
        for _ in 0..<steps {
            let gradient = gradient(at: ahead)
            let next = zip(ahead, gradient).map { $0 - $1 / steepness }
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

    /// The largest curvature: of the logistic loss at most a quarter of the squares' own. By power iteration, with a
    /// little to spare.
    private var steepness: Double {
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

    /// Rows times a vector.
    private func product(_ matrix: [Double], _ vector: [Double]) -> [Double] {
        var result = Array(repeating: 0.0, count: matrix.count / width)
        cblas_dgemv(
            CblasRowMajor, CblasNoTrans, Int32(result.count), Int32(width), 1, matrix,
            Int32(width), vector, 1, 0, &result, 1)
        return result
    }

    /// The sum of the rows, each times a number.
    private func transposedProduct(_ matrix: [Double], _ vector: [Double]) -> [Double] {
        var result = Array(repeating: 0.0, count: width)
        cblas_dgemv(
            CblasRowMajor, CblasTrans, Int32(vector.count), Int32(width), 1, matrix,
            Int32(width), vector, 1, 0, &result, 1)
        return result
    }
}
