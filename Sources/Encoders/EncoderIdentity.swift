/// What an embedding was made with; two equal identities give comparable embeddings.
public struct EncoderIdentity: Codable, Sendable, Hashable {
    /// The catalogue's name, for people: two names may stand for one fingerprint.
    public var name: String
    /// SHA-256 of the encoder's configuration and weights, in hexadecimal.
    public var fingerprint: String
    public var preprocessing: Preprocessing
    /// The blocks whose tokens are pooled, 1 the first.
    public var taps: [Int]
    /// Numbers per embedding, `D`: 2 · width · taps.
    public var embeddingWidth: Int

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
        embeddingWidth: Int
    ) {
        self.name = name
        self.fingerprint = fingerprint
        self.preprocessing = preprocessing
        self.taps = taps
        self.embeddingWidth = embeddingWidth
    }
}
