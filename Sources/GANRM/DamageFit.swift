internal import CLAPACK
import Foundation
import Reward

/// Learns what damage looks like from degraded copies: each is to have a higher S than its original.
///
/// Comparisons of copies alone know only the kinds that they are shown, and take the opposite of a kind for its
/// cure; distances from undamaged samples know no kinds at all. Together they know more than either: of 23 kinds
/// of damage, each kept back once, 0.86 of copies had the higher S, of those by comparisons alone 0.75, by
/// distances alone 0.89, but then by a third of the margin.
struct DamageFit {
    /// λ of the weights of distances and of embeddings' numbers, all standardized.
    private static let distanceDecay = 0.003
    private static let embeddingDecay = 0.3
    /// μ: how much the variance of S over undamaged samples counts, so that copies stand out from it.
    private static let variancePenalty = 0.1
    private static let foldCount = 5
    private static let steps = 300
    /// Most copies that are compared, spread evenly.
    private static let largestCount = 8192
    /// Fewest undamaged samples and copies that say anything.
    private static let smallestCount = 10

    private let samples: [Example]
    private let pairs: [(copy: Example, original: Int)]
    private let blockCount: Int
    /// S of the undamaged samples, each by a fit that has not seen its group; by their names.
    private(set) var heldOut: [String: Double] = [:]
    private var metrics: [MahalanobisDistance] = []
    private var weights: [Double] = []
    private var offset = 0.0

    /// - Parameters:
    ///   - examples: Undamaged samples and copies, which name them.
    ///   - blockCount: Blocks of an embedding, for each tap two.
    /// - Returns: Nil if there are too few.
    init?(_ examples: [Example], blockCount: Int, seed: UInt64) {
        let samples = examples.filter { !$0.isPerturbed && !$0.isExcluded }
        let rows = Dictionary(
            samples.indices.compactMap { row in samples[row].name.map { ($0, row) } },
            uniquingKeysWith: { first, _ in first })
        var pairs = examples.filter(\.isPerturbed).compactMap { copy in
            copy.original.flatMap { rows[$0] }.map { (copy: copy, original: $0) }
        }
        if pairs.count > Self.largestCount {
            pairs = (0..<Self.largestCount).map { pairs[$0 * pairs.count / Self.largestCount] }
        }
        guard samples.count >= Self.smallestCount, pairs.count >= Self.smallestCount else {
            return nil
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
            metrics: metrics, distanceWeights: weights.prefix(blockCount).map { Float($0) },
            weights: weights.dropFirst(blockCount).map { Float($0) },
            scale: DamagePart.Scale(
                ridge: MetricFit.ridge, offset: offset, weight: weight,
                usual: heldOut.values.sorted().reduce(0) { $0 + softplus($1) }
                    / Double(max(heldOut.count, 1)), copyCount: pairs.count,
                kinds: Set(pairs.compactMap(\.copy.kindOfDamage)).sorted()))
    }

    private func metrics(of rows: some Sequence<Int>) -> [MahalanobisDistance] {
        let embeddings = rows.map { samples[$0].embedding }
        let size = embeddings[0].count / blockCount
        return (0..<blockCount).map { block in
            MetricFit.metric(
                of: embeddings.map { Array($0[block * size..<(block + 1) * size]) })
        }
    }

    /// The logarithms of an embedding's distances, then its numbers.
    private func features(of embedding: [Float], _ metrics: [MahalanobisDistance]) -> [Double] {
        DamagePart.logDistances(of: embedding, metrics) + embedding.map { Double($0) }
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
                undamaged[row] = features(of: samples[row].embedding, metrics)
            }
            for index in pairs.indices where rows.contains(pairs[index].original) {
                damaged[index] = features(of: pairs[index].copy.embedding, metrics)
            }
        }
        // Columns of deviation 1; those of the embedding smaller, so that one decay serves both.
        let width = undamaged[0].count
        let shrink = (Self.distanceDecay / Self.embeddingDecay).squareRoot()
        var means = Array(repeating: 0.0, count: width)
        var scales = Array(repeating: 0.0, count: width)
        for column in 0..<width {
            let values = undamaged.map { $0[column] }
            let mean = values.reduce(0, +) / Double(values.count)
            let variance =
                values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
            means[column] = mean
            scales[column] =
                (column < blockCount ? 1 : shrink) / max(variance.squareRoot(), 1e-6)
        }
        func scaled(_ row: [Double]) -> [Double] {
            row.indices.map { (row[$0] - means[$0]) * scales[$0] }
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
        let sorted = sums.sorted()
        let median = quantile(0.5, ofSorted: sorted)
        let mean = sums.reduce(0, +) / Double(sums.count)
        let deviation = max(
            (sums.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(sums.count)).squareRoot(),
            1e-9)
        for (row, sum) in sums.enumerated() {
            if let name = samples[row].name { heldOut[name] = (sum - median) / deviation }
        }
        metrics = metrics(of: samples.indices)
        weights = zip(solve(excluding: nil), scales).map { $0 * $1 / deviation }
        offset = -median / deviation - zip(weights, means).reduce(0) { $0 + $1.0 * $1.1 }
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
