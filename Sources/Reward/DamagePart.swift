import Encoders
import Foundation
import Tensors

/// What a sample loses because it is damaged: blurred, noisy, blocky, banded and the like, which a head that
/// tells proxy from generated samples does not see, or takes for a good sign.
///
///     S = a · (ln d₁ … ln dₖ) + b · x + c + (aₘ · ln dₘ + m · v),   damage = weight · (softplus(S) − usual)
///
/// `d` are the distances of the k blocks of an embedding x (for each tap the CLS token and the mean) from those
/// of undamaged samples, v what it says of motion, if anything, with a distance dₘ of its own, and S has the median 0 and
/// the deviation 1 over undamaged samples that were held out. `usual` is what those pay on average, so that an
/// undamaged sample pays next to nothing, and the cleanest is paid little.
public struct DamagePart: Sendable, Hashable {
    /// Of each block of an embedding, in its order; at least one, all of one width.
    public let metrics: [MahalanobisDistance]
    /// `a`, `[k]`.
    public let distanceWeights: [Float]
    /// `b`, `[D]`.
    public let weights: [Float]
    /// Nil for a head that does not judge motion.
    public let motion: Motion?
    public let scale: Scale

    /// What motion adds to S.
    ///
    /// Features are moved within what undamaged samples have, all but a few of them: farther out they say no more, but
    /// differ between precisions, as where hardly anything moves.
    public struct Motion: Sendable, Hashable {
        /// The bounds of the features but the last, which says that there are any.
        public let bounds: [ClosedRange<Float>]
        /// Of the same.
        public let metric: MahalanobisDistance
        /// `aₘ`.
        public let distanceWeight: Float
        /// `m`, `[MotionRecipe.featureCount]`; the last one takes off what usual motion adds.
        public let weights: [Float]

        /// - Precondition: As many weights as there are features.
        public init(
            bounds: [ClosedRange<Float>], metric: MahalanobisDistance, distanceWeight: Float,
            weights: [Float]
        ) {
            precondition(weights.count == MotionRecipe.featureCount)
            precondition(metric.width == weights.count - 1 && bounds.count == metric.width)
            self.bounds = bounds
            self.metric = metric
            self.distanceWeight = distanceWeight
            self.weights = weights
        }

        /// Nothing where there is no motion.
        func deviations(of features: ArraySlice<Float>) -> Double {
            guard let last = features.last, last > 0 else { return 0 }
            let bounded = Self.bounded(features.dropLast(), bounds)
            let distance = DamagePart.logDistances(of: bounded[...], [metric])[0]
            return zip(weights, bounded + [last]).reduce(Double(distanceWeight) * distance) {
                $0 + Double($1.0) * Double($1.1)
            }
        }

        /// Features within their bounds.
        package static func bounded(
            _ features: some Sequence<Float>, _ bounds: [ClosedRange<Float>]
        ) -> [Float] {
            zip(features, bounds).map { min(max($0, $1.lowerBound), $1.upperBound) }
        }
    }

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
        metrics: [MahalanobisDistance], distanceWeights: [Float], weights: [Float],
        motion: Motion? = nil, scale: Scale
    ) {
        precondition(metrics.count == distanceWeights.count && !metrics.isEmpty)
        precondition(metrics.allSatisfy { $0.width * metrics.count == weights.count })
        self.metrics = metrics
        self.distanceWeights = distanceWeights
        self.weights = weights
        self.motion = motion
        self.scale = scale
    }

    /// Numbers per embedding, `D`, without those of motion.
    public var width: Int { weights.count }

    /// S of an embedding, `[D]` and its motion: deviations of undamaged samples above their median.
    public func deviations(of embedding: [Float]) -> Double {
        let logs = Self.logDistances(of: embedding[..<width], metrics)
        var sum = scale.offset
        for (weight, log) in zip(distanceWeights, logs) { sum += Double(weight) * log }
        for (weight, number) in zip(weights, embedding) { sum += Double(weight) * Double(number) }
        return sum + (motion?.deviations(of: embedding[width...]) ?? 0)
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
        of embedding: ArraySlice<Float>, _ metrics: [MahalanobisDistance]
    ) -> [Double] {
        let size = embedding.count / metrics.count
        return metrics.enumerated().map { index, metric in
            log(max(metric(embedding.dropFirst(index * size).prefix(size)), 1e-3))
        }
    }
}

extension DamagePart {
    static let prefix = "damage."

    /// `damage.weights`, `[D]`, `damage.distance_weights`, `[k]`, for motion
    /// `damage.motion_weights`, `[24]`, `damage.motion_distance_weight`, `[1]`, `damage.motion_low` and `_high`, `[23]`, and `damage.motion.mean` and so on, and `damage.0.mean` and so on of the metrics.
    var parameters: [String: Tensor] {
        var tensors = [
            Self.prefix + "weights": Tensor(shape: [width], elements: weights),
            Self.prefix + "distance_weights": Tensor(
                shape: [metrics.count], elements: distanceWeights),
        ]
        if let motion {
            tensors[Self.prefix + "motion_weights"] = Tensor(
                shape: [motion.weights.count], elements: motion.weights)
            for (name, values) in [
                ("motion_low", motion.bounds.map(\.lowerBound)),
                ("motion_high", motion.bounds.map(\.upperBound)),
            ] {
                tensors[Self.prefix + name] = Tensor(shape: [values.count], elements: values)
            }
            tensors[Self.prefix + "motion_distance_weight"] = Tensor(
                shape: [1], elements: [motion.distanceWeight])
            tensors.merge(motion.metric.parameters(prefix: Self.prefix + "motion.")) { first, _ in
                first
            }
        }
        for (index, metric) in metrics.enumerated() {
            tensors.merge(metric.parameters(prefix: "\(Self.prefix)\(index).")) { first, _ in first
            }
        }
        return tensors
    }

    /// Reads the tensors that `parameters` gives.
    ///
    /// - Throws: `RewardError.badTensor`.
    init(
        _ file: WeightFile, width: Int, hasMotion: Bool, scale: Scale
    ) throws(RewardError) {
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
            metrics: metrics, distanceWeights: distanceWeights, weights: weights,
            motion: hasMotion ? try Motion(file, ridge: scale.ridge) : nil, scale: scale)
    }
}

extension DamagePart.Motion {
    /// - Throws: `RewardError.badTensor`.
    fileprivate init(_ file: WeightFile, ridge: Double) throws(RewardError) {
        let prefix = DamagePart.prefix
        func floats(_ name: String, count: Int) throws(RewardError) -> [Float] {
            try file.floats(prefix + name) { shape in
                shape == [count] ? nil : "has shape \(shape), not [\(count)]"
            }
        }
        let count = MotionRecipe.featureCount - 1
        let low = try floats("motion_low", count: count)
        let high = try floats("motion_high", count: count)
        guard zip(low, high).allSatisfy({ $0 <= $1 }) else {
            throw .badTensor(
                source: file.name, tensor: prefix + "motion_high", problem: "lies below motion_low")
        }
        self.init(
            bounds: zip(low, high).map { $0...$1 },
            metric: try MahalanobisDistance(
                file, prefix: prefix + "motion.", width: count, ridge: ridge),
            distanceWeight: try floats("motion_distance_weight", count: 1)[0],
            weights: try floats("motion_weights", count: MotionRecipe.featureCount))
    }
}
