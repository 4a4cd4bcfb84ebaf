import Encoders
import Foundation
import Frames
public import Reward
import TextFormats
import Training

/// A description of a reward model, as JSON or as text.
public struct HeadReport: Sendable {
    private let model: RewardModel
    private let path: String

    public init(_ model: RewardModel, path: String) {
        self.model = model
        self.path = path
    }

    /// One object: path, fingerprint, width, number of heads, and the record from the file's
    /// metadata.
    ///
    /// - Throws: `RewardError.badRecord` if a value of the record is not finite.
    public var json: String {
        get throws {
            let record = try JSONValue(parsing: model.recordText(source: path))
            guard let record = record.members else { preconditionFailure("a record is an object") }
            let members: [JSONValue.Member] = [
                .init("path", .string(path)), .init("fingerprint", .string(model.fingerprint)),
                .init("width", .integer(model.ensemble.width)),
                .init("heads", .integer(model.ensemble.members.count)),
            ]
            return JSONValue.object(members + record).description
        }
    }

    /// The description as text, one property per line.
    public var text: String {
        var lines = [("model", path), ("fingerprint", model.fingerprint)]
        for kind in MediaKind.allCases {
            guard let encoder = model.encoders[kind] else { continue }
            let taps = encoder.taps.map(String.init).joined(separator: ",")
            lines.append(
                (
                    "\(kind.rawValue)s",
                    "\(encoder.label), blocks \(taps), \(encoder.embeddingWidth) values"
                ))
        }
        if let training = model.training {
            let metrics = training.metrics
            lines.append(
                (
                    "trained",
                    """
                    \(metrics.steps) steps on \(metrics.proxyCount) proxy and \
                    \(metrics.generatedCount) generated samples, seed \(training.settings.seed)
                    """
                ))
            lines.append(("strategy", Self.text(training.settings, model.ensemble)))
            lines.append(("training", "\(metrics.training)"))
            if let validation = metrics.validation {
                lines.append(
                    ("held out", validation.summary(intervals: metrics.intervals)))
            }
            for (fold, validation) in (metrics.folds ?? []).enumerated() {
                lines.append(("fold \(fold + 1)", "\(validation)"))
            }
            if !training.lineage.isEmpty {
                lines.append(("descends", "from " + training.lineage.joined(separator: ", ")))
            }
        } else {
            lines.append(("trained", "elsewhere"))
        }
        if let reference = model.reference {
            lines.append(("generated", Self.text(reference.generated)))
            lines.append(("proxy", Self.text(reference.proxy)))
            lines.append(("temperature", String(format: "%.3f", reference.temperature)))
        } else {
            lines.append(("meaning", "unknown: nothing was held out; rows carry no percentiles"))
        }
        return lines.map { name, text in
            name.padding(toLength: 12, withPad: " ", startingAt: 0) + text
        }.joined(separator: "\n")
    }

    private static func text(_ settings: TrainingSettings, _ ensemble: HeadEnsemble) -> String {
        var text = settings.strategy.rawValue
        if settings.combinesCheckpoints {
            text +=
                " of \(settings.checkpoints) checkpoints \(settings.checkpointInterval) steps apart"
        }
        if settings.folds > 0 { text += ", \(settings.folds) folds" }
        let count = ensemble.members.count
        text += count == 1 ? "; one head" : "; \(count) heads"
        return text
            + (settings.architecture == .projection ? "" : " (\(settings.architecture.rawValue))")
    }

    private static func text(_ distribution: LogitDistribution) -> String {
        let quantiles = [5, 25, 50, 75, 95].map {
            String(format: "%.2f", distribution.quantiles[$0])
        }
        return "logits at 5, 25, 50, 75, 95 %: \(quantiles.joined(separator: ", ")) "
            + "(\(distribution.count) held-out samples)"
    }
}
