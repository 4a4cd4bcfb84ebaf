import GANRM
import JSON
import Media
import Reward

/// Clips and their copies, embedded as the default head's are.
struct PartsData {
    struct Copy {
        let kind: Degradation.Kind
        let original: String
        let group: String
        let vector: [Float]
    }

    let proxy: EmbeddingSet
    let generated: EmbeddingSet
    let copies: [Copy]
    /// Clips as they are after the same coding, by path.
    let coded: [String: [Float]]

    /// - Parameter folder: With `parts-proxy`, `parts-generated`, both with their copies, and `parts-coded`, as
    ///   scripts/ablations makes them.
    init(folder: String) throws {
        func set(_ name: String) throws -> EmbeddingSet {
            try EmbeddingSet(path: "\(folder)/parts-\(name).safetensors")
        }
        proxy = try set("proxy")
        generated = try set("generated")
        copies = [proxy, generated].flatMap { set in
            zip(set.inputs, set.vectors).compactMap { row, vector in
                guard row["perturbed"] == .bool(true),
                    let kind = Self.kind(of: row),
                    let original = row["of"]?.stringValue, let group = row["group"]?.stringValue
                else { return nil }
                return Copy(kind: kind, original: original, group: group, vector: vector)
            }
        }
        let coded = try set("coded")
        self.coded = Dictionary(
            zip(coded.inputs, coded.vectors).map { ($0["input"]?.stringValue ?? "", $1) },
            uniquingKeysWith: { first, _ in first })
    }

    /// What was done to a copy.
    static func kind(of row: JSONValue) -> Degradation.Kind? {
        row["kind_of_damage"]?.stringValue.flatMap(Degradation.Kind.init)
    }

    static func group(of row: JSONValue) -> String { row["group"]?.stringValue ?? "" }

    /// The clips themselves.
    var clips: [(group: String, isProxy: Bool, vector: [Float])] {
        [(proxy.originals, true), (generated.originals, false)].flatMap { set, isProxy in
            zip(set.inputs, set.vectors).map { (Self.group(of: $0), isProxy, $1) }
        }
    }

    /// As `make default-head` trains, but one head.
    func train(_ isWanted: (JSONValue) -> Bool) throws -> RewardModel {
        var samples = TrainingSamples()
        try samples.append(proxy.filter(isWanted), as: .proxy)
        try samples.append(generated.filter(isWanted), as: .generated)
        var settings = TrainingSettings.linear
        // The weight of damage comes from logits of samples that were held out.
        settings.validationShare = 0.2
        return try RewardModelTraining(samples, settings: settings, damage: true).run().model
    }
}
