import Foundation
import Tensors

/// What a sample loses because it is damaged: blurred, noisy, blocky, banded and the like, which a head that
/// tells proxy from generated samples does not see, or takes for a good sign.
///
///     S = a · (ln d₁ … ln dₖ) + b · x + c,   damage = weight · (softplus(S) − usual)
///
/// `d` are the distances of the k blocks of an embedding x (for each tap the CLS token and the mean) from those
/// of undamaged samples, and S has the median 0 and the deviation 1 over undamaged samples that were held out.
/// `usual` is what those pay on average, so that an undamaged sample pays next to nothing, and the cleanest is paid
/// little.
public struct DamagePart: Sendable, Hashable {
    /// Of each block of an embedding, in its order; at least one, all of one width.
    public let metrics: [MahalanobisDistance]
    /// `a`, `[k]`.
    public let distanceWeights: [Float]
    /// `b`, `[D]`.
    public let weights: [Float]
    public let scale: Scale

    /// What stands in the record beside the tensors.
    public struct Scale: Sendable, Hashable, Codable {
        /// λ of the metrics.
        public var ridge: Double
        /// `c`.
        public var offset: Double
        /// Logits per deviation of S, far beyond the median.
        public var weight: Double
        /// The mean softplus of S over undamaged samples that were held out.
        public var usual: Double
        /// Degraded copies that it was learnt from, and the kinds of their damage.
        public var copyCount: Int
        public var kinds: [String]

        enum CodingKeys: String, CodingKey {
            case ridge, offset, weight, usual, kinds
            case copyCount = "copy_count"
        }

        public init(
            ridge: Double, offset: Double, weight: Double, usual: Double, copyCount: Int,
            kinds: [String]
        ) {
            self.ridge = ridge
            self.offset = offset
            self.weight = weight
            self.usual = usual
            self.copyCount = copyCount
            self.kinds = kinds
        }

        var problem: String? {
            let isUsable =
                ridge > 0 && ridge.isFinite && offset.isFinite && weight >= 0 && weight.isFinite
                && usual >= 0 && usual.isFinite
            return isUsable ? nil : "a damage part that is no number"
        }
    }

    /// - Precondition: The metrics' widths add up to that of the weights.
    public init(
        metrics: [MahalanobisDistance], distanceWeights: [Float], weights: [Float], scale: Scale
    ) {
        precondition(metrics.count == distanceWeights.count && !metrics.isEmpty)
        precondition(metrics.allSatisfy { $0.width * metrics.count == weights.count })
        self.metrics = metrics
        self.distanceWeights = distanceWeights
        self.weights = weights
        self.scale = scale
    }

    /// Numbers per embedding, `D`.
    public var width: Int { weights.count }

    /// S of an embedding, `[D]`: deviations of undamaged samples above their median.
    public func deviations(of embedding: [Float]) -> Double {
        let logs = Self.logDistances(of: embedding, metrics)
        var sum = scale.offset
        for (weight, log) in zip(distanceWeights, logs) { sum += Double(weight) * log }
        for (weight, number) in zip(weights, embedding) { sum += Double(weight) * Double(number) }
        return sum
    }

    /// What it costs, in logits, at least −weight · usual.
    public func damage(to embedding: [Float]) -> Double {
        damage(at: deviations(of: embedding))
    }

    /// What an S of so many deviations costs.
    public func damage(at deviations: Double) -> Double {
        scale.weight * (softplus(deviations) - scale.usual)
    }

    /// ln d of each block; a distance of 0 counts as a thousandth.
    package static func logDistances(
        of embedding: [Float], _ metrics: [MahalanobisDistance]
    ) -> [Double] {
        let size = embedding.count / metrics.count
        return metrics.enumerated().map { index, metric in
            log(max(metric(embedding[index * size..<(index + 1) * size]), 1e-3))
        }
    }
}

extension DamagePart {
    static let prefix = "damage."

    /// `damage.weights`, `[D]`, `damage.distance_weights`, `[k]`, and `damage.0.mean` and so on of the metrics.
    var parameters: [String: Tensor] {
        var tensors = [
            Self.prefix + "weights": Tensor(shape: [width], elements: weights),
            Self.prefix + "distance_weights": Tensor(
                shape: [metrics.count], elements: distanceWeights),
        ]
        for (index, metric) in metrics.enumerated() {
            tensors.merge(metric.parameters(prefix: "\(Self.prefix)\(index).")) { first, _ in first
            }
        }
        return tensors
    }

    /// Reads the tensors that `parameters` gives.
    ///
    /// - Throws: `RewardError.badTensor`.
    init(_ file: WeightFile, width: Int, scale: Scale) throws(RewardError) {
        let distanceWeights = try file.floats(Self.prefix + "distance_weights") { shape in
            shape.count == 1 && shape[0] > 0 && width.isMultiple(of: shape[0])
                ? nil : "has shape \(shape), not [k] with k blocks of \(width) numbers in all"
        }
        let weights = try file.floats(Self.prefix + "weights") { shape in
            shape == [width] ? nil : "has shape \(shape), not [\(width)]"
        }
        var metrics: [MahalanobisDistance] = []
        for index in distanceWeights.indices {
            metrics.append(
                try MahalanobisDistance(
                    file, prefix: "\(Self.prefix)\(index).", width: width / distanceWeights.count,
                    ridge: scale.ridge))
        }
        self.init(
            metrics: metrics, distanceWeights: distanceWeights, weights: weights, scale: scale)
    }
}
