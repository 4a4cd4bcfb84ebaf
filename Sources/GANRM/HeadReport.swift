import Encoders
import Foundation
import Frames
import JSON
public import Reward

/// What a reward model's file says of itself.
public struct HeadReport: Sendable {
    private let model: RewardModel
    private let path: String

    public init(_ model: RewardModel, path: String) {
        self.model = model
        self.path = path
    }

    /// One object: path, fingerprint, width, and the record as it stands in the file.
    public var json: String {
        var members: [JSONValue.Member] = [
            .init("path", .string(path)), .init("fingerprint", .string(model.fingerprint)),
            .init("width", .integer(model.ensemble.width)),
            .init("heads", .integer(model.ensemble.members.count)),
        ]
        if let record = try? JSONValue(parsing: model.recordText).members { members += record }
        return JSONValue.object(members).description
    }

    /// For people, a line for each thing worth knowing.
    public var words: String {
        var lines = [("model", path), ("fingerprint", model.fingerprint)]
        for kind in MediaKind.allCases {
            guard let encoder = model.encoders[kind] else { continue }
            let taps = encoder.taps.map(String.init).joined(separator: ",")
            lines.append(
                (
                    "\(kind.rawValue)s",
                    "\(encoder.label), blocks \(taps), \(encoder.embeddingWidth) numbers"
                ))
        }
        if let training = model.training {
            let figures = training.figures
            lines.append(
                (
                    "trained",
                    """
                    \(figures.steps) steps on \(figures.proxyCount) proxy and \
                    \(figures.generatedCount) generated samples, seed \(training.settings.seed)
                    """
                ))
            lines.append(("strategy", Self.words(training.settings, model.ensemble)))
            lines.append(("training", "\(figures.training)"))
            if let validation = figures.validation {
                lines.append(
                    ("held out", validation.words(intervals: figures.intervals)))
            }
            for (fold, validation) in (figures.folds ?? []).enumerated() {
                lines.append(("fold \(fold + 1)", "\(validation)"))
            }
            if !training.lineage.isEmpty {
                lines.append(("descends", "from " + training.lineage.joined(separator: ", ")))
            }
        } else {
            lines.append(("trained", "elsewhere"))
        }
        if let reference = model.reference {
            lines.append(("generated", Self.words(reference.generated)))
            lines.append(("proxy", Self.words(reference.proxy)))
            lines.append(("temperature", String(format: "%.3f", reference.temperature)))
        } else {
            lines.append(("meaning", "unknown: nothing was held out; rows carry no percentiles"))
        }
        return lines.map { name, text in
            name.padding(toLength: 12, withPad: " ", startingAt: 0) + text
        }.joined(separator: "\n")
    }

    private static func words(_ settings: TrainingSettings, _ ensemble: HeadEnsemble) -> String {
        var words = settings.strategy.rawValue
        if settings.combinesCheckpoints {
            words +=
                " of \(settings.checkpoints) checkpoints \(settings.checkpointInterval) steps apart"
        }
        if settings.folds > 0 { words += ", \(settings.folds) folds" }
        let count = ensemble.members.count
        words += count == 1 ? "; one head" : "; \(count) heads"
        return words
            + (settings.architecture == .projection ? "" : " (\(settings.architecture.rawValue))")
    }

    private static func words(_ distribution: LogitDistribution) -> String {
        let quantiles = [5, 25, 50, 75, 95].map {
            String(format: "%.2f", distribution.quantiles[$0])
        }
        return "logits at 5, 25, 50, 75, 95 %: \(quantiles.joined(separator: ", ")) "
            + "(\(distribution.count) held-out samples)"
    }
}
