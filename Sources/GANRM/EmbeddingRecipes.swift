import Encoders
import Frames
import JSON

/// How the embeddings of several sets were made: in one way, or they are refused.
struct EmbeddingRecipes: Sendable {
    /// The encoders that made embeddings, by the kinds of input that they serve.
    private(set) var encoders: [MediaKind: EncoderIdentity] = [:]
    /// How files were sampled; nil before the first set.
    private(set) var sampling: Sampling?

    /// Adds those of a set.
    ///
    /// - Throws: `GANRMError.mixedEmbeddings` if they were made in another way than those before.
    mutating func append(_ embeddings: EmbeddingSet) throws(GANRMError) {
        if let sampling, sampling != embeddings.sampling {
            throw .mixedEmbeddings(
                reason: "sampled in two ways, \(sampling) and \(embeddings.sampling)")
        }
        sampling = embeddings.sampling
        // Ready-made pixels, whose rows say no kind, are embedded by the encoder for videos.
        let kinds = Set(
            embeddings.inputs.map { $0["kind"]?.stringValue.flatMap(MediaKind.init) ?? .video })
        for (kind, identity) in embeddings.encoders
        where kinds.contains(where: { embeddings.encoders[$0] == identity }) {
            if let known = encoders[kind], known != identity {
                throw .mixedEmbeddings(reason: Self.difference(of: known, and: identity))
            }
            encoders[kind] = identity
        }
    }

    /// The encoder that made all of them.
    ///
    /// - Throws: `GANRMError.mixedEmbeddings` if pictures took another one than videos, or if nobody
    ///   says what made them.
    var onlyEncoder: EncoderIdentity {
        get throws(GANRMError) {
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
