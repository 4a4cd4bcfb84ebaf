import Media
import Pipeline
import Reward
import TextFormats
import Training

/// Embeddings of clips and their degraded copies, with the default head's settings.
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
    /// Undamaged clips that were encoded like the copies, by path.
    let coded: [String: [Float]]

    /// Reads the embeddings that scripts/ablations has computed.
    ///
    /// - Parameter folder: The folder with `parts-proxy` and `parts-generated`, both with copies,
    ///   and `parts-coded`.
    init(folder: String) throws {
        func set(_ name: String) throws -> EmbeddingSet {
            try EmbeddingSet(path: "\(folder)/parts-\(name).safetensors")
        }
        proxy = try set("proxy")
        generated = try set("generated")
        copies = [proxy, generated].flatMap { set in
            zip(set.inputs, set.vectors).compactMap { row, vector in
                let annotations = SampleAnnotations(row: row)
                guard annotations.isDegraded, let kind = Self.kind(of: row),
                    let original = annotations.original, let group = annotations.group
                else { return nil }
                return Copy(kind: kind, original: original, group: group, vector: vector)
            }
        }
        let coded = try set("coded")
        self.coded = Dictionary(
            zip(coded.inputs, coded.vectors).map { (SampleOrigin(row: $0).input ?? "", $1) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The degradation of a copy.
    static func kind(of row: JSONValue) -> Degradation.Kind? {
        SampleAnnotations(row: row).degradationKind.flatMap(Degradation.Kind.init)
    }

    static func group(of row: JSONValue) -> String { SampleAnnotations(row: row).group ?? "" }

    /// The clips without their degraded copies.
    var clips: [(group: String, isProxy: Bool, vector: [Float])] {
        [(proxy.originals, true), (generated.originals, false)].flatMap { set, isProxy in
            zip(set.inputs, set.vectors).map { (Self.group(of: $0), isProxy, $1) }
        }
    }

    /// Trains like `make default-head`, but a single head.
    func train(_ isWanted: (JSONValue) -> Bool) throws -> RewardModel {
        var samples = TrainingSamples()
        try samples.append(proxy.filter(isWanted), as: .proxy)
        try samples.append(generated.filter(isWanted), as: .generated)
        var settings = TrainingSettings.linear
        // The weight of the damage part comes from logits of held-out samples.
        settings.validationShare = 0.2
        return try RewardModelTraining(samples, settings: settings, trainsDegradationPart: true)
            .run().model
    }
}
