package import Encoders
package import Frames
import Scoring

/// The encoders and the sampling that several embedding sets share; sets that differ are refused.
package struct EmbeddingRecipes: Sendable {
    /// The encoders of the embeddings, by kind of input.
    package private(set) var encoders: [MediaKind: EncoderIdentity] = [:]
    /// The sampling of files; nil before the first set.
    package private(set) var sampling: Sampling?

    package init() {}

    /// Adds an embedding set.
    ///
    /// - Throws: `PipelineError.mixedEmbeddings` if its encoders or sampling differ from those of the
    ///   sets before.
    package mutating func append(_ embeddings: EmbeddingSet) throws(PipelineError) {
        // Rows of preprocessed pixels have no kind; they are embedded by the encoder for videos.
        let kinds = Set(embeddings.inputs.map { SampleOrigin(row: $0).kind ?? .video })
        try append(
            encoders: embeddings.encoders.filter { _, identity in
                kinds.contains { embeddings.encoders[$0] == identity }
            }, sampling: embeddings.sampling)
    }

    /// Adds the recipe of embeddings that are not at hand.
    ///
    /// - Parameter sampling: Nil if it is not known.
    /// - Throws: `PipelineError.mixedEmbeddings`, as `append(_:)`.
    package mutating func append(
        encoders identities: [MediaKind: EncoderIdentity], sampling: Sampling?
    ) throws(PipelineError) {
        for (kind, identity) in identities {
            if let known = encoders[kind], known != identity {
                throw .mixedEmbeddings(reason: Self.difference(of: known, and: identity))
            }
            encoders[kind] = identity
        }
        if let known = self.sampling, let sampling, known != sampling {
            throw .mixedEmbeddings(
                reason: "sampled in two ways, \(known.json) and \(sampling.json)")
        }
        self.sampling = sampling ?? self.sampling
    }

    /// Checks that embeddings that are still to be made go with the sets.
    ///
    /// - Throws: `PipelineError.mixedEmbeddings`, and the errors of loading an encoder.
    package func check(_ embedding: InputEmbedding) throws {
        var copy = self
        try copy.append(
            encoders: embedding.encoders.identities().filter { encoders[$0.key] != nil },
            sampling: embedding.fileSampling())
    }

    /// The encoder of all embeddings.
    ///
    /// - Throws: `PipelineError.mixedEmbeddings` if images and videos have different encoders, or if
    ///   no encoder is recorded.
    package var onlyEncoder: EncoderIdentity {
        get throws(PipelineError) {
            let identities = MediaKind.allCases.compactMap { encoders[$0] }
            guard let first = identities.first else {
                throw .mixedEmbeddings(reason: "no encoder is named")
            }
            for other in identities where other != first {
                throw .mixedEmbeddings(reason: Self.difference(of: first, and: other))
            }
            return first
        }
    }

    private static func difference(of one: EncoderIdentity, and other: EncoderIdentity) -> String {
        if one.fingerprint != other.fingerprint {
            return "made by two encoders, \(one.label) and \(other.label)"
        }
        if one.motion != other.motion { return "made with motion and without, or in two ways" }
        return one.taps == other.taps
            ? "prepared in two ways for \(one.label)"
            : "taken from two choices of blocks, \(one.taps) and \(other.taps)"
    }
}
