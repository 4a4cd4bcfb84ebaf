public import Encoders
import JSON
public import Media
public import Reward

/// Embeddings of both sides of a training, all made in the same way.
public struct TrainingSamples: Sendable {
    public private(set) var examples: [Example] = []
    /// The encoders that made embeddings, by the kinds of input that they serve.
    public private(set) var encoders: [MediaKind: EncoderIdentity] = [:]
    /// How files were sampled; nil before the first side.
    public private(set) var sampling: Sampling?

    public init() {}

    /// Adds one side.
    ///
    /// A key `label` of an input (0…1) stands in for 1 or 0; `group` keeps examples on one side of a
    /// split.
    ///
    /// - Throws: `GANRMError.mixedEmbeddings` if they were made in another way than those before.
    public mutating func append(_ embeddings: EmbeddingSet, isProxy: Bool) throws(GANRMError) {
        if let sampling, sampling != embeddings.sampling {
            throw .mixedEmbeddings(
                reason: "sampled in two ways, \(sampling) and \(embeddings.sampling)")
        }
        sampling = embeddings.sampling
        let kinds = Set(
            embeddings.inputs.compactMap { $0["kind"]?.stringValue.flatMap(MediaKind.init) })
        for (kind, identity) in embeddings.encoders
        where kinds.contains(where: { embeddings.encoders[$0] == identity }) {
            if let known = encoders[kind], known != identity {
                throw .mixedEmbeddings(
                    reason: "made by two encoders, \(known.fingerprint) and \(identity.fingerprint)"
                )
            }
            encoders[kind] = identity
        }
        for (vector, input) in zip(embeddings.vectors, embeddings.inputs) {
            examples.append(
                Example(
                    embedding: vector, label: input["label"]?.doubleValue ?? (isProxy ? 1 : 0),
                    isProxy: isProxy,
                    group: input["group"].map { $0.stringValue ?? $0.description }))
        }
    }
}
