import Encoders
import Frames
import Reward
public import Scoring

/// The provenance of a score: model, precision, sampling and version, as needed to reproduce it bit
/// for bit.
public struct Provenance: Sendable {
    private let models: [MediaKind: ScoreRow.Model]
    private let name: String
    private let precision: String
    private let plan: SamplingPlan
    private let reward: RewardModel

    init(_ scorer: Scorer, plan: SamplingPlan) {
        let model = scorer.model
        name = scorer.name
        models = model.encoders.mapValues { encoder in
            ScoreRow.Model(
                name: scorer.name, fingerprint: model.shortFingerprint, encoder: encoder.label)
        }
        precision = scorer.encoders.precision.rawValue
        self.plan = plan
        reward = model
    }

    /// Adds the keys that compare an input's score with held-out samples: probability and
    /// percentiles; none if the model has no reference.
    func addMeaning(of score: Score, to row: inout ScoreRow) {
        guard let reference = reward.reference else { return }
        func rounded(_ percentile: Double) -> Double { (percentile * 10).rounded() / 10 }
        row.probability = reference.probability(of: score.logit)
        row.percentileGenerated = rounded(reference.generated.percentile(of: score.logit))
        row.percentileProxy = rounded(reference.proxy.percentile(of: score.logit))
    }

    /// Adds reasons to distrust a score: the sample's percentile of unfamiliarity, if the model
    /// provides it, and its degeneracy.
    func addWarnings(about score: Score, _ degeneracy: Degeneracy?, to row: inout ScoreRow) {
        row.unfamiliar = reward.unfamiliarity(of: score).map { ($0 * 1e4).rounded() / 1e4 }
        row.degeneracy = degeneracy
    }

    /// Adds the keys of the provenance.
    func addProvenance(for kind: MediaKind, sampling: Sampling, to row: inout ScoreRow) {
        row.setProvenance(
            model: models[kind], precision: precision, sampling: sampling, version: ganrmVersion)
    }

    /// The signature of this run's row for the same kind of input; if the model has no encoder for
    /// that kind, words that say so.
    public func signature(like row: ScoreRow) -> String {
        let kind = row.kind ?? .video
        guard models[kind] != nil else {
            return "\(name), which has no encoder for \(kind.rawValue)s"
        }
        let sampling = plan.sampling(for: kind, isStream: row.input == "-")
        var expected = ScoreRow()
        addProvenance(for: kind, sampling: sampling, to: &expected)
        guard let signature = expected.signature else {
            preconditionFailure("a row with a provenance has a signature")
        }
        return signature
    }
}
