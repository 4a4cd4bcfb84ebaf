import Encoders
import Foundation
import Tensors

/// The penalty for degradation (blur, noise, blocking, banding and the like), in logits.
///
/// A head that separates proxy from generated samples does not see degradation, or rewards it.
///
///     S = a · (ln d₁ … ln dₖ) + b · x + c + (aₘ · ln dₘ + m · v)
///     penalty = weight · (softplus(S) − usual)
///
/// `d` are the Mahalanobis distances of the k blocks of an embedding x (for each tap the CLS token
/// and the mean) from those of undegraded samples. v are its motion features, if any, with a
/// distance dₘ of their own. S has median 0 and deviation 1 over held-out undegraded samples.
/// `usual` is the mean of softplus(S) over the same samples, so that the penalty of an undegraded
/// sample is close to 0, and slightly negative for the cleanest.
///
/// In files, rows and messages the part and its penalty are called `damage`.
public struct DegradationPart: Sendable, Hashable {
    /// One metric per block of an embedding, in the blocks' order; at least one, all of one width.
    public let metrics: [MahalanobisDistance]
    /// `a`, `[k]`.
    public let distanceWeights: [Float]
    /// `b`, `[D]`.
    public let weights: [Float]
    /// Nil for a reward model without motion features.
    public let motion: Motion?
    public let scale: Scale

    /// The contribution of the motion features to S.
    ///
    /// Features are clamped to the range that all but a few undegraded samples have. Beyond it they
    /// carry no information, but differ between precisions, for example in almost still clips.
    public struct Motion: Sendable, Hashable {
        /// Bounds of every feature except the last, which indicates that there are features.
        public let bounds: [ClosedRange<Float>]
        /// Distance of the features that `bounds` covers.
        public let metric: MahalanobisDistance
        /// `aₘ`.
        public let distanceWeight: Float
        /// `m`, `[MotionRecipe.featureCount]`; the last weight subtracts the contribution of
        /// typical motion.
        public let weights: [Float]

        /// - Precondition: There are as many weights as features.
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

        /// The term aₘ · ln dₘ + m · v; 0 without motion features.
        func deviations(of features: ArraySlice<Float>) -> Double {
            guard let last = features.last, last > 0 else { return 0 }
            let bounded = Self.bounded(features.dropLast(), bounds)
            let distance = DegradationPart.logDistances(of: bounded[...], [metric])[0]
            return zip(weights, bounded + [last]).reduce(Double(distanceWeight) * distance) {
                $0 + Double($1.0) * Double($1.1)
            }
        }

        /// Clamps each feature to its bounds.
        package static func bounded(
            _ features: some Sequence<Float>, _ bounds: [ClosedRange<Float>]
        ) -> [Float] {
            zip(features, bounds).map { min(max($0, $1.lowerBound), $1.upperBound) }
        }
    }

    /// The scalar parameters, which are stored in the metadata beside the tensors.
    public struct Scale: Sendable, Hashable, Codable {
        /// λ of the metrics, above 0.
        public var ridge: Double
        /// `c`.
        public var offset: Double
        /// Logits per unit of S where S is large, at least 0.
        public var weight: Double
        /// Mean softplus of S over held-out undegraded samples.
        public var usual: Double
        /// Number of degraded copies trained on, and the kinds of their degradation.
        public var copyCount: Int
        public var kinds: [String]

        /// The line of a reward model's fingerprint. The text is fixed, whatever the members' names
        /// become.
        package var fingerprintText: String {
            "Scale(ridge: \(ridge), offset: \(offset), weight: \(weight), usual: \(usual), "
                + "copyCount: \(copyCount), kinds: \(kinds))"
        }

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

    /// - Precondition: The metrics' widths add up to the number of weights.
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

    /// Whether a file has the tensors of the motion features.
    static func hasMotion(_ file: WeightFile) -> Bool {
        file.tensors[prefix + "motion_weights"] != nil
    }

    /// Embedding width, `D`, without the motion features.
    public var width: Int { weights.count }

    /// S of an embedding: standard deviations above the median of undegraded samples.
    ///
    /// - Parameter embedding: `[D]`, followed by the motion features if there are any.
    public func deviations(of embedding: [Float]) -> Double {
        let logs = Self.logDistances(of: embedding[..<width], metrics)
        var sum = scale.offset
        for (weight, log) in zip(distanceWeights, logs) { sum += Double(weight) * log }
        for (weight, value) in zip(weights, embedding) { sum += Double(weight) * Double(value) }
        return sum + (motion?.deviations(of: embedding[width...]) ?? 0)
    }

    /// The penalty of an embedding, in logits, at least −weight · usual.
    public func penalty(of embedding: [Float]) -> Double {
        penalty(at: deviations(of: embedding))
    }

    /// The penalty at a value of S, in logits.
    public func penalty(at deviations: Double) -> Double {
        scale.weight * (softplus(deviations) - scale.usual)
    }

    /// ln d of each block, with distances below 0.001 raised to 0.001.
    package static func logDistances(
        of embedding: ArraySlice<Float>, _ metrics: [MahalanobisDistance]
    ) -> [Double] {
        let size = embedding.count / metrics.count
        return metrics.enumerated().map { index, metric in
            log(max(metric(embedding.dropFirst(index * size).prefix(size)), 1e-3))
        }
    }
}

extension DegradationPart {
    static let prefix = "damage."

    /// The tensors by name.
    ///
    /// - `damage.weights`, `[D]`, and `damage.distance_weights`, `[k]`.
    /// - `damage.0.mean`, `damage.0.deviation`…: the metric of each block.
    /// - With motion: `damage.motion_weights`, `[24]`, `damage.motion_distance_weight`, `[1]`,
    ///   `damage.motion_low` and `damage.motion_high`, `[23]`, and `damage.motion.mean`… of its
    ///   metric.
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

    /// Reads the tensors that `parameters` returns.
    ///
    /// - Throws: `RewardError.badTensor`.
    init(
        _ file: WeightFile, width: Int, hasMotion: Bool, scale: Scale
    ) throws(RewardError) {
        let distanceWeights = try file.floats(Self.prefix + "distance_weights") { shape in
            shape.count == 1 && shape[0] > 0 && width.isMultiple(of: shape[0])
                ? nil : "has shape \(shape), not [k] with k blocks of \(width) values in all"
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

extension DegradationPart.Motion {
    /// - Throws: `RewardError.badTensor`.
    fileprivate init(_ file: WeightFile, ridge: Double) throws(RewardError) {
        let prefix = DegradationPart.prefix
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
