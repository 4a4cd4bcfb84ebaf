/// What an embedding was made with; two equal identities give comparable embeddings.
public struct EncoderIdentity: Codable, Sendable, Hashable {
    /// The catalogue's name, for people: two names may stand for one fingerprint.
    public var name: String
    /// SHA-256 of the encoder's configuration and weights, in hexadecimal.
    public var fingerprint: String
    public var preprocessing: Preprocessing
    /// The blocks whose tokens are pooled, 1 the first.
    public var taps: [Int]
    /// What motion is taken from; nil: embeddings say nothing of it.
    public var motion: MotionRecipe?
    /// Numbers per embedding, `D`: 2 · width · taps, and those of motion.
    public var embeddingWidth: Int

    /// Numbers per embedding that say what is to be seen, before those that say how it moves.
    public var contentWidth: Int {
        embeddingWidth - (motion == nil ? 0 : MotionRecipe.featureCount)
    }

    /// The same without motion.
    public var withoutMotion: EncoderIdentity {
        var identity = self
        identity.motion = nil
        identity.embeddingWidth = contentWidth
        return identity
    }

    /// For people: the name and the first 12 digits of the fingerprint.
    public var label: String { "\(name)@\(fingerprint.prefix(12))" }

    /// Whether embeddings of both are comparable; names may differ.
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
