/// How features were made, as texts that a file of statistics keeps. Those of files of other
/// programs are not known.
public struct FeatureProvenance: Sendable, Hashable {
    /// The encoder's identity.
    public var encoder: String?
    /// How inputs were sampled.
    public var sampling: String?
    /// Precision of the encoder's products.
    public var precision: String?
    /// The version of the program.
    public var version: String?

    public init(
        encoder: String? = nil, sampling: String? = nil, precision: String? = nil,
        version: String? = nil
    ) {
        self.encoder = encoder
        self.sampling = sampling
        self.precision = precision
        self.version = version
    }

    /// The texts by the names of their arrays in a file.
    static var names: [(name: String, text: WritableKeyPath<FeatureProvenance, String?>)] {
        [
            ("encoder", \.encoder), ("sampling", \.sampling), ("precision", \.precision),
            ("version", \.version),
        ]
    }
}
