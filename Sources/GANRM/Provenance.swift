public import Encoders
import Frames
import JSON
import Reward
public import Scoring

/// What made a score: enough to get the same bits again, or to see why they differ.
public struct Provenance: Sendable {
    private let model: [MediaKind: JSONValue]
    private let precision: String
    private let plan: SamplingPlan
    private let reward: RewardModel

    public init(_ scorer: Scorer, plan: SamplingPlan, precision: Precision) {
        let model = scorer.model
        self.model = Dictionary(
            uniqueKeysWithValues: model.encoders.map { kind, encoder in
                let object = JSONValue.object([
                    .init("name", .string(scorer.name)),
                    .init("fingerprint", .string(model.shortFingerprint)),
                    .init("encoder", .string(encoder.label)),
                ])
                return (kind, object)
            })
        self.precision = precision.rawValue
        self.plan = plan
        reward = model
    }

    /// What a whole input's score means among the samples that the head was tried on; empty if it was
    /// tried on none.
    func meaning(of score: Score) -> [JSONValue.Member] {
        guard let reference = reward.reference else { return [] }
        func rounded(_ percentile: Double) -> JSONValue {
            .number((percentile * 10).rounded() / 10)
        }
        return [
            .init("probability", .float(Float(reference.probability(of: score.logit)))),
            .init(
                "percentile_generated", rounded(reference.generated.percentile(of: score.logit))),
            .init("percentile_proxy", rounded(reference.proxy.percentile(of: score.logit))),
        ]
    }

    /// Why a score may mean nothing: how unfamiliar the sample is, where the head can tell, and what is the
    /// matter with its pixels, if anything is.
    func doubts(about score: Score, _ degeneracy: Degeneracy?) -> [JSONValue.Member] {
        let unfamiliar = reward.unfamiliarity(of: score).map { percentile in
            JSONValue.Member("unfamiliar", .number((percentile * 1e4).rounded() / 1e4))
        }
        let degenerate = degeneracy.map { JSONValue.Member("degenerate", .string($0.rawValue)) }
        return [unfamiliar, degenerate].compactMap(\.self)
    }

    /// The keys that say it in a result row.
    func members(for kind: MediaKind, sampling: Sampling) -> [JSONValue.Member] {
        [
            .init("model", model[kind] ?? .null),
            .init("precision", .string(precision)),
            .init("sampling", Self.describe(sampling)),
            .init("version", .string(ganrmVersion)),
        ]
    }

    /// How a sampling stands in a row.
    static func describe(_ sampling: Sampling) -> JSONValue {
        switch sampling {
        case .uniform(let uniform):
            var members: [JSONValue.Member] = [
                .init("kind", .string("uniform")), .init("frames", .integer(uniform.frameCount)),
            ]
            if uniform.burst > 1 { members.append(.init("burst", .integer(uniform.burst))) }
            return .object(members)
        case .window(let window):
            var members: [JSONValue.Member] = [
                .init("kind", .string("window")), .init("frames", .integer(window.frameCount)),
            ]
            switch window.step {
            case .stride(let stride): members.append(.init("stride", .integer(stride)))
            case .clipRate(let rate): members.append(.init("clip_rate", .number(rate)))
            }
            if let hop = window.hop { members.append(.init("hop", .integer(hop))) }
            return .object(members)
        }
    }

    /// What must be equal for two rows to be comparable, in words; nil for a row without a score.
    static func signature(of row: JSONValue) -> String? {
        guard let model = row["model"] else { return nil }
        return [
            model["name"]?.stringValue, model["fingerprint"]?.stringValue,
            row["precision"]?.stringValue, row["sampling"].map(words),
            row["version"]?.stringValue.map { "ganrm \($0)" },
        ].map { $0 ?? "?" }.joined(separator: " ")
    }

    /// The signature that a row of the same kind would get from this run.
    func signature(like row: JSONValue) -> String {
        let kind = row["kind"]?.stringValue.flatMap(MediaKind.init) ?? .video
        let isStream = row["input"]?.stringValue == "-"
        let sampling = plan.sampling(for: kind, isStream: isStream)
        return Self.signature(of: .object(members(for: kind, sampling: sampling))) ?? ""
    }

    /// The values of a sampling, in an order that does not depend on who wrote the object.
    private static func words(_ sampling: JSONValue) -> String {
        ["kind", "frames", "stride", "clip_rate", "hop"].compactMap { key in
            sampling[key].map { "\(key)=\($0.doubleValue.map { "\($0)" } ?? $0.description)" }
        }.joined(separator: ",")
    }
}
