import Foundation

/// Where a head has been: what the embeddings of its training looked like, on both sides together.
///
/// Far from them a head extrapolates, and what it says means nothing: a black video may get a higher logit than
/// any good one.
public struct Familiarity: Sendable, Hashable {
    /// From the training's embeddings.
    public let metric: MahalanobisDistance
    public let scale: Scale

    /// What distances mean: those of samples that were held out, group by group.
    public struct Scale: Sendable, Hashable, Codable {
        /// λ of the metric.
        public var ridge: Double
        /// Samples that were held out and measured.
        public var count: Int
        /// Median of the natural logarithms of their distances, and their deviation above it.
        public var logMedian: Double
        public var logDeviation: Double

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

        /// Why the numbers cannot be used; nil if they can.
        var problem: String? {
            let isUsable =
                ridge > 0 && ridge.isFinite && count > 0 && logMedian.isFinite
                && logDeviation > 0 && logDeviation.isFinite
            return isUsable ? nil : "familiarity that is no number"
        }
    }

    /// What stands before the names of its tensors, as in a module called `familiarity`.
    static let prefix = "familiarity."

    /// From which percentile on a sample is not to win, unless somebody says otherwise.
    public static let usualMaximum = 99.7

    /// - Precondition: The metric's ridge is the scale's.
    public init(metric: MahalanobisDistance, scale: Scale) {
        precondition(metric.ridge == scale.ridge)
        self.metric = metric
        self.scale = scale
    }

    /// How many of a hundred samples like those of the training lie nearer, 0…100.
    ///
    /// The distances of samples that were held out are taken for log-normal, so that those beyond the largest
    /// of them can be told apart too.
    public func percentile(ofDistance distance: Double) -> Double {
        guard distance > 0 else { return 0 }
        let deviations = (log(distance) - scale.logMedian) / scale.logDeviation
        return 50 * erfc(-deviations / 2.0.squareRoot())
    }

    /// The distance at the percentile `usualMaximum`.
    public var limit: Double {
        // Φ⁻¹(0.997)
        exp(scale.logMedian + 2.747_781_385_444_993 * scale.logDeviation)
    }

    /// The embedding as heads are to see it: within `limit`, moved towards the mean if it lies beyond. So a
    /// head's logits are bounded, whatever comes.
    ///
    /// - Returns: Also the distance of the embedding as it was.
    public func bounded(_ embedding: [Float]) -> (embedding: [Float], distance: Double) {
        let distance = metric(embedding[...])
        guard distance > limit else { return (embedding, distance) }
        let share = Float(limit / distance)
        let bounded = zip(embedding, metric.mean).map { $1 + share * ($0 - $1) }
        return (bounded, distance)
    }
}
