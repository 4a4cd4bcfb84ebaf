import Foundation

/// Out-of-distribution detection, by the distribution of the training embeddings of both classes.
///
/// Far from them a head extrapolates, and its logits are meaningless: a black video may get a
/// higher logit than any good one.
public struct Familiarity: Sendable, Hashable {
    /// Distance from the training embeddings.
    public let metric: MahalanobisDistance
    public let scale: Scale

    /// The distribution of the distances of samples that were held out, group by group.
    public struct Scale: Sendable, Hashable, Codable {
        /// λ of the metric, above 0.
        public var ridge: Double
        /// Number of held-out samples.
        public var count: Int
        /// Median of the natural logarithms of their distances.
        public var logMedian: Double
        /// Deviation of the logarithms above their median.
        public var logDeviation: Double

        /// The line of a reward model's fingerprint. The text is fixed, whatever the members' names
        /// become.
        package var fingerprintText: String {
            "Scale(ridge: \(ridge), count: \(count), logMedian: \(logMedian), "
                + "logDeviation: \(logDeviation))"
        }

        enum CodingKeys: String, CodingKey {
            case ridge, count
            case logMedian = "log_median"
            case logDeviation = "log_deviation"
        }

        public init(ridge: Double, count: Int, logMedian: Double, logDeviation: Double) {
            self.ridge = ridge
            self.count = count
            self.logMedian = logMedian
            self.logDeviation = logDeviation
        }

        /// Why the values are invalid; nil if they are valid.
        var problem: String? {
            let isUsable =
                ridge > 0 && ridge.isFinite && count > 0 && logMedian.isFinite
                && logDeviation > 0 && logDeviation.isFinite
            return isUsable ? nil : "familiarity that is no number"
        }
    }

    /// Prefix of its tensors' names, as in a PyTorch module called `familiarity`.
    static let prefix = "familiarity."

    /// Default percentile above which a sample is excluded from selection.
    public static let defaultMaximum = 99.7

    /// - Precondition: The metric's ridge is the scale's.
    public init(metric: MahalanobisDistance, scale: Scale) {
        precondition(metric.ridge == scale.ridge)
        self.metric = metric
        self.scale = scale
    }

    /// The percentage of samples from the training distribution with a smaller distance, 0…100.
    ///
    /// The distances of held-out samples are modelled as log-normal, so that percentiles also
    /// differ beyond the largest of them.
    public func percentile(ofDistance distance: Double) -> Double {
        guard distance > 0 else { return 0 }
        let deviations = (log(distance) - scale.logMedian) / scale.logDeviation
        return 50 * erfc(-deviations / 2.0.squareRoot())
    }

    /// The distance at the percentile `defaultMaximum`.
    public var limit: Double {
        // Φ⁻¹(0.997)
        exp(scale.logMedian + 2.747_781_385_444_993 * scale.logDeviation)
    }

    /// Moves an embedding beyond `limit` towards the mean, to the distance `limit`, so that a
    /// head's logits are bounded for any input.
    ///
    /// - Returns: The embedding for the heads, and the distance of the unchanged embedding.
    public func bounded(_ embedding: [Float]) -> (embedding: [Float], distance: Double) {
        let distance = metric(embedding[...])
        guard distance > limit else { return (embedding, distance) }
        let factor = Float(limit / distance)
        let bounded = zip(embedding, metric.mean).map { $1 + factor * ($0 - $1) }
        return (bounded, distance)
    }
}
