public import Reward

/// How scores tell the two classes apart, and whether they can be taken as probabilities.
public struct LabelledFigures: Sendable {
    /// A sample that has a label and a score.
    public struct Sample: Sendable, Hashable {
        public let scored: ScoredInput
        /// 0…1; at least ½ is the proxy class.
        public let label: Double
        public let group: String?

        public var isProxy: Bool { label >= 0.5 }
        /// What the score costs: log loss in nats.
        public var loss: Double {
            Evaluation(logits: [scored.logit], labels: [label]).loss
        }
        /// Whether the score is on the other side of ½ than the label.
        public var isWrong: Bool { (scored.logit >= 0) != isProxy }
    }

    /// Figures of one way to turn logits into probabilities.
    public struct Probabilities: Sendable {
        public let logLoss: Figure
        /// Of 15 bins.
        public let calibrationError: Figure
        public let calibration: Calibration
    }

    /// One group's own figures.
    public struct Group: Sendable {
        public let name: String
        public let count: Int
        public let proxyCount: Int
        /// Its samples are taken as independent here.
        public let auc: Figure
        public let accuracy: Figure
        public let logLoss: Figure
    }

    /// Groups of fewer samples have no figures of their own.
    public static let smallestGroup = 10

    public let samples: [Sample]
    /// Named groups, and samples without one.
    public let groupCount: Int
    public let auc: Figure
    public let accuracy: Figure
    /// Of the score, σ(logit).
    public let score: Probabilities
    /// Of the calibrated probability; nil if some samples have none.
    public let probability: Probabilities?
    public let roc: ROCCurve?
    /// By name.
    public let groups: [Group]

    /// - Parameter samples: At least one.
    init(_ samples: [Sample], resamples: Int, seed: UInt64) {
        let names = samples.map(\.group)
        let logits = samples.map(\.scored.logit)
        let labels = samples.map(\.label)
        let calibrated = samples.compactMap(\.scored.calibratedLogit)
        let hasCalibration = calibrated.count == samples.count
        let bootstrap = GroupBootstrap(groups: names, resamples: resamples, seed: seed)

        /// AUC, accuracy and, for each kind of probability, loss and calibration error.
        func figures(_ indices: [Int]) -> [Double?] {
            let labels = indices.map { labels[$0] }
            let logits = indices.map { logits[$0] }
            let plain = Evaluation(logits: logits, labels: labels)
            var values = [
                plain.auc, plain.accuracy, plain.loss,
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
        let values = figures(Array(samples.indices))
        let intervals = bootstrap.intervals(count: values.count, of: figures)
        let all = zip(values, intervals).map { Figure(value: $0, interval: $1) }

        self.samples = samples
        groupCount = Set(names.compactMap(\.self)).count + names.count { $0 == nil }
        auc = all[0]
        accuracy = all[1]
        score = Probabilities(
            logLoss: all[2], calibrationError: all[3],
            calibration: Self.calibration(logits, labels))
        probability =
            hasCalibration
            ? Probabilities(
                logLoss: all[4], calibrationError: all[5],
                calibration: Self.calibration(calibrated, labels)) : nil
        roc = ROCCurve(logits: logits, isProxy: samples.map(\.isProxy))
        groups = Dictionary(grouping: samples.filter { $0.group != nil }) { $0.group ?? "" }
            .filter { $0.value.count >= Self.smallestGroup }.sorted { $0.key < $1.key }
            .map { Self.group($0.key, $0.value, resamples: resamples, seed: seed) }
    }

    private static func group(
        _ name: String, _ samples: [Sample], resamples: Int, seed: UInt64
    ) -> Group {
        let bootstrap = GroupBootstrap(
            groups: samples.map { _ in nil }, resamples: resamples, seed: seed)
        func figures(_ indices: [Int]) -> [Double?] {
            let evaluation = Evaluation(
                logits: indices.map { samples[$0].scored.logit },
                labels: indices.map { samples[$0].label })
            return [evaluation.auc, evaluation.accuracy, evaluation.loss]
        }
        let intervals = bootstrap.intervals(count: 3, of: figures)
        let all = zip(figures(Array(samples.indices)), intervals).map {
            Figure(value: $0, interval: $1)
        }
        return Group(
            name: name, count: samples.count, proxyCount: samples.count { $0.isProxy },
            auc: all[0], accuracy: all[1], logLoss: all[2])
    }

    private static func loss(_ logits: [Double], _ labels: [Double]) -> Double {
        Evaluation(logits: logits, labels: labels).loss
    }

    private static func calibration(_ logits: [Double], _ labels: [Double]) -> Calibration {
        Calibration(probabilities: logits.map { Score(logit: $0).value }, labels: labels)
    }
}
