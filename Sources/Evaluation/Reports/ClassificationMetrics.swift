public import Pipeline
import Reward
public import Statistics
import TextFormats

/// Binary classification metrics of labelled samples: discrimination (AUC, accuracy, ROC) and
/// calibration.
public struct ClassificationMetrics: Sendable {
    /// A sample with a label and a score.
    public struct Sample: Sendable, Hashable {
        public let scored: ScoredInput
        /// The label, 0…1; ½ or more is the proxy class.
        public let label: Double
        public let group: String?

        public var isProxy: Bool { label >= 0.5 }
        /// The log loss of the score, in nats.
        public var loss: Double {
            Evaluation(logits: [scored.logit], labels: [label]).loss
        }
        /// Whether the sample is misclassified at a threshold of ½.
        public var isWrong: Bool { (scored.logit >= 0) != isProxy }
    }

    /// Calibration metrics of one mapping from logits to probabilities.
    public struct Probabilities: Sendable {
        /// Mean log loss, in nats.
        public let logLoss: Estimate
        /// Expected calibration error over 15 bins.
        public let calibrationError: Estimate
        public let calibration: Calibration
    }

    /// The metrics of a single group. Their intervals treat its samples as independent.
    public struct Group: Sendable {
        public let name: String
        public let count: Int
        public let proxyCount: Int
        public let auc: Estimate
        public let accuracy: Estimate
        public let logLoss: Estimate
    }

    /// The least number of samples for which a group gets its own metrics.
    public static let minimumGroupSize = 10

    public let samples: [Sample]
    /// Independent groups: named groups plus samples without one.
    public let groupCount: Int
    public let auc: Estimate
    public let accuracy: Estimate
    /// Calibration of the score, σ(logit).
    public let score: Probabilities
    /// Calibration of the calibrated probability; nil if a sample has none.
    public let probability: Probabilities?
    /// Nil if all samples are of one class.
    public let roc: ROCCurve?
    /// Metrics per named group, sorted by name.
    public let groups: [Group]

    /// - Parameters:
    ///   - samples: At least one.
    ///   - resamples: Bootstrap resamples per confidence interval, at least 1.
    ///   - seed: Seed of the bootstrap.
    init(_ samples: [Sample], resamples: Int, seed: UInt64) {
        let names = samples.map(\.group)
        let logits = samples.map(\.scored.logit)
        let labels = samples.map(\.label)
        let calibrated = samples.compactMap(\.scored.calibratedLogit)
        let hasCalibration = calibrated.count == samples.count
        let bootstrap = GroupBootstrap(groups: names, resamples: resamples, seed: seed)

        /// AUC, accuracy, then log loss and calibration error for each kind of probability.
        func metrics(_ indices: [Int]) -> [Double?] {
            let labels = indices.map { labels[$0] }
            let logits = indices.map { logits[$0] }
            let evaluation = Evaluation(logits: logits, labels: labels)
            var values = [
                evaluation.auc, evaluation.accuracy, evaluation.loss,
                Self.calibration(logits, labels).expectedError,
            ]
            if hasCalibration {
                let logits = indices.map { calibrated[$0] }
                values += [
                    Self.loss(logits, labels), Self.calibration(logits, labels).expectedError,
                ]
            }
            return values
        }
        let values = metrics(Array(samples.indices))
        let intervals = bootstrap.intervals(count: values.count, of: metrics)
        let estimates = zip(values, intervals).map { Estimate(value: $0, interval: $1) }

        self.samples = samples
        groupCount =
            Set(names.compactMap { $0.map { ByteString($0) } }).count + names.count { $0 == nil }
        auc = estimates[0]
        accuracy = estimates[1]
        score = Probabilities(
            logLoss: estimates[2], calibrationError: estimates[3],
            calibration: Self.calibration(logits, labels))
        probability =
            hasCalibration
            ? Probabilities(
                logLoss: estimates[4], calibrationError: estimates[5],
                calibration: Self.calibration(calibrated, labels)) : nil
        roc = ROCCurve(logits: logits, isProxy: samples.map(\.isProxy))
        var groups: [ByteString: [Sample]] = [:]
        for sample in samples {
            if let group = sample.group { groups[group, default: []].append(sample) }
        }
        self.groups =
            groups.filter { $0.value.count >= Self.minimumGroupSize }.sorted { $0.key < $1.key }
            .map { Self.group($0.key.text, $0.value, resamples: resamples, seed: seed) }
    }

    private static func group(
        _ name: String, _ samples: [Sample], resamples: Int, seed: UInt64
    ) -> Group {
        let bootstrap = GroupBootstrap(
            groups: samples.map { _ in nil }, resamples: resamples, seed: seed)
        func metrics(_ indices: [Int]) -> [Double?] {
            let evaluation = Evaluation(
                logits: indices.map { samples[$0].scored.logit },
                labels: indices.map { samples[$0].label })
            return [evaluation.auc, evaluation.accuracy, evaluation.loss]
        }
        let intervals = bootstrap.intervals(count: 3, of: metrics)
        let estimates = zip(metrics(Array(samples.indices)), intervals).map {
            Estimate(value: $0, interval: $1)
        }
        return Group(
            name: name, count: samples.count, proxyCount: samples.count { $0.isProxy },
            auc: estimates[0], accuracy: estimates[1], logLoss: estimates[2])
    }

    private static func loss(_ logits: [Double], _ labels: [Double]) -> Double {
        Evaluation(logits: logits, labels: labels).loss
    }

    private static func calibration(_ logits: [Double], _ labels: [Double]) -> Calibration {
        Calibration(probabilities: logits.map { Score(logit: $0).value }, labels: labels)
    }
}
