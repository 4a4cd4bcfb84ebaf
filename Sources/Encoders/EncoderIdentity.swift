/// Everything that an embedding depends on; embeddings of equal identities are comparable.
public struct EncoderIdentity: Codable, Sendable, Hashable {
    /// Name for display; several names may have the same fingerprint.
    public var name: String
    /// SHA-256 of the encoder's configuration and weights, in hexadecimal.
    public var fingerprint: String
    public var preprocessing: Preprocessing
    /// One-based numbers of the blocks whose tokens are pooled; empty for a convolutional net.
    public var taps: [Int]
    /// Recipe of the motion features; nil for embeddings without them.
    public var motion: MotionRecipe?
    /// Embedding width: 2 · width · taps, or the features of a convolutional net, plus the motion features.
    public var embeddingWidth: Int

    /// Embedding width without motion features, which come last.
    public var contentWidth: Int {
        embeddingWidth - (motion == nil ? 0 : MotionRecipe.featureCount)
    }

    /// Whether the width is one that embeddings can have, with room for the motion features. Check an
    /// identity that was read from a file.
    public var hasPossibleWidth: Bool {
        let smallest = motion == nil ? 1 : MotionRecipe.featureCount + 1
        return (smallest...1 << 24).contains(embeddingWidth)
    }

    /// The identity without motion features.
    public var withoutMotion: EncoderIdentity {
        var identity = self
        identity.motion = nil
        identity.embeddingWidth = contentWidth
        return identity
    }

    /// Name and first 12 digits of the fingerprint, for display.
    public var label: String { "\(name)@\(fingerprint.prefix(12))" }

    /// Whether embeddings of both encoders are comparable; names may differ.
    public func isEquivalent(to other: EncoderIdentity) -> Bool {
        var other = other
        other.name = name
        return self == other
    }

    public init(
        name: String, fingerprint: String, preprocessing: Preprocessing, taps: [Int],
        motion: MotionRecipe? = nil, embeddingWidth: Int
    ) {
        self.name = name
        self.fingerprint = fingerprint
        self.preprocessing = preprocessing
        self.taps = taps
        self.motion = motion
        self.embeddingWidth = embeddingWidth
    }
}
