public import Encoders
import Files
public import Foundation
public import Frames
public import ModelCatalogue
import Reward
import Tensors
public import Tokenizers

/// An encoder as specified by the user.
public struct EncoderSource: Sendable, Hashable {
    /// A name from the catalogue, or the path of a JSON file with an `EncoderDescription`.
    public var name: String
    /// Path of a weight file; nil uses the one in the cache.
    public var weights: String?

    public init(name: String, weights: String? = nil) {
        self.name = name
        self.weights = weights
    }
}

/// An encoder that is not in the catalogue, decoded from a JSON file.
public struct EncoderDescription: Sendable, Hashable, Codable {
    public var name: String
    public var configuration: EncoderArchitecture
    public var preprocessing: Preprocessing
    /// The text side, whose weights are in the same file.
    public var text: TextTower?
    /// The text encoder that attends to the encoder's tokens, whose weights are in the same file.
    public var groundedText: GroundedTextConfiguration?

    public init(
        name: String, configuration: EncoderArchitecture, preprocessing: Preprocessing,
        text: TextTower? = nil, groundedText: GroundedTextConfiguration? = nil
    ) {
        self.name = name
        self.configuration = configuration
        self.preprocessing = preprocessing
        self.text = text
        self.groundedText = groundedText
    }
}

/// Loads a reward model and its encoders from names and files.
public struct ModelLoader: Sendable {
    /// Replacements for the encoders named by the reward model, by kind of input.
    public var sources: [MediaKind: EncoderSource]
    public var precision: PrecisionChoice
    public var threadCount: Int
    public var store: ModelCache

    public init(
        sources: [MediaKind: EncoderSource] = [:], precision: PrecisionChoice = .automatic,
        threadCount: Int = ProcessInfo.processInfo.activeProcessorCount,
        store: ModelCache = ModelCache()
    ) {
        self.sources = sources
        self.precision = precision
        self.threadCount = threadCount
        self.store = store
    }

    /// Loads a reward model; its encoders are loaded lazily.
    ///
    /// - Parameter name: A file or folder, or `default`.
    /// - Throws: `RewardError`, `ScoringError.noDefaultModel`. An encoder that the head was not
    ///   trained with is rejected when it is loaded.
    public func scorer(model name: String) throws -> Scorer {
        let model = try RewardModel.load(DefaultModel.path(ofModel: name))
        let encoder: @Sendable (MediaKind) throws -> Encoder = { kind in
            let identity = try model.encoder(for: kind)
            let encoder = try load(
                sources[kind] ?? EncoderSource(name: identity.name),
                preprocessing: identity.preprocessing, taps: identity.taps
            ) { _ in identity.motion }
            try model.check(encoder.identity, for: kind)
            return encoder
        }
        // The identity of an encoder that the user specifies is unknown until it is loaded.
        let known = model.encoders.filter { sources[$0.key] == nil }
        let isShared =
            sources[.image] == sources[.video] && model.encoders[.image] == model.encoders[.video]
        let encoders =
            isShared
            ? EncoderSet(precision: precision.precision, known: known) { try encoder(.video) }
            : EncoderSet(
                precision: precision.precision, known: known, image: { try encoder(.image) },
                video: { try encoder(.video) })
        return Scorer(model: model, name: name, encoders: encoders)
    }

    /// Encoders without a reward model; the default is the catalogue's.
    ///
    /// - Parameters:
    ///   - taps: One-based block numbers; nil uses those of `defaults`, else the last block.
    ///   - motion: Returns the motion recipe; nil uses that of `defaults`, else there are no motion
    ///     features.
    ///   - defaults: Identities by kind of input, for encoders of the same name.
    public func encoders(
        taps: [Int]? = nil, like defaults: [MediaKind: EncoderIdentity] = [:],
        motion: (@Sendable (EncoderArchitecture) -> MotionRecipe?)? = nil
    ) -> EncoderSet {
        // With their encoders, they are the identities; so no encoder is loaded to look up embeddings.
        let known =
            taps == nil && motion == nil
            ? defaults.filter { sources[$0.key] == nil && $0.value.name == Catalogue.defaultName }
            : [:]
        let defaultSource = EncoderSource(name: Catalogue.defaultName)
        let image = sources[.image] ?? defaultSource
        let video = sources[.video] ?? defaultSource
        let encoder: @Sendable (EncoderSource, MediaKind) throws -> Encoder = { source, kind in
            let like = defaults[kind].flatMap {
                $0.name == Self.name(of: source) ? $0 : nil
            }
            let encoder = try load(
                source, preprocessing: like?.preprocessing, taps: taps ?? like?.taps
            ) { motion?($0) ?? like?.motion }
            if let known = known[kind], !encoder.identity.isEquivalent(to: known) {
                throw RewardError.encoderMismatch(
                    role: kind,
                    reason: "\(known.label) is wanted, and \(encoder.identity.label) is at hand")
            }
            return encoder
        }
        let precision = precision.precision
        return image == video && defaults[.image] == defaults[.video]
            ? EncoderSet(precision: precision, known: known) { try encoder(video, .video) }
            : EncoderSet(
                precision: precision, known: known, image: { try encoder(image, .image) },
                video: { try encoder(video, .video) })
    }

    /// An encoder without a reward model.
    ///
    /// - Parameters:
    ///   - preprocessing: Preprocessing of frames; nil uses the encoder's.
    ///   - keepsTokens: Whether an image's embedding is all its tokens; see `Encoder.init`.
    public func encoder(
        _ source: EncoderSource, preprocessing: Preprocessing? = nil, keepsTokens: Bool = false
    ) throws -> Encoder {
        try load(source, preprocessing: preprocessing, keepsTokens: keepsTokens) { _ in nil }
    }

    /// Frames that an encoder takes at a time, without loading it.
    ///
    /// - Throws: `CatalogueError` for an unknown name, `ScoringError.encoderDescription` for a file.
    public func frameCount(of source: EncoderSource) throws -> Int {
        try Self.describe(source.name).configuration.frameCount
    }

    /// The projection of an encoder with a text side, and the frames that it takes at a time.
    ///
    /// - Throws: `CatalogueError`, among them `.noText` for an encoder of images only, `EncoderError`.
    public func projection(of source: EncoderSource) throws -> (
        projection: EmbeddingProjection, frameCount: Int
    ) {
        let description = try Self.describe(source.name)
        guard let text = description.text,
            let configuration = description.configuration.transformer
        else {
            throw CatalogueError.noText(name: description.name)
        }
        let projection = try EmbeddingProjection(
            vision: configuration, embeddingWidth: text.configuration.embeddingWidth,
            weights: weights(of: source))
        return (projection, configuration.frameCount)
    }

    /// The text side of an encoder.
    ///
    /// - Parameters:
    ///   - vocabulary: Path of the merges; nil uses those in the cache.
    ///   - tokenizer: How texts are split; nil selects the tokenizer that the model was trained with.
    /// - Throws: `CatalogueError`, among them `.noText` for an encoder of images only, `TokenizerError`, `EncoderError`.
    public func textEncoder(
        _ source: EncoderSource, vocabulary: String? = nil, tokenizer: CLIPTokenizer.Variant? = nil
    ) throws -> TextEncoder {
        let description = try Self.describe(source.name)
        guard let text = description.text else {
            throw CatalogueError.noText(name: description.name)
        }
        let symbols = try BytePairVocabulary(
            path: vocabulary ?? store.vocabularyPath(of: source.name),
            count: text.configuration.vocabularyCount)
        return try TextEncoder(
            name: description.name, configuration: text.configuration,
            tokenizer: CLIPTokenizer(
                symbols, variant: tokenizer ?? text.tokenizer,
                contextLength: text.configuration.contextLength),
            weights: weights(of: source),
            precision: precision.precision, threadCount: threadCount)
    }

    /// The text encoder that attends to an encoder's tokens, and how texts are split for it.
    ///
    /// - Parameter vocabulary: Path of the pieces; nil uses those in the cache.
    /// - Throws: `CatalogueError`, among them `.noText` for an encoder without one, `TokenizerError`, `EncoderError`.
    public func groundedTextEncoder(_ source: EncoderSource, vocabulary: String? = nil) throws -> (
        encoder: GroundedTextEncoder, tokenizer: WordPieceTokenizer
    ) {
        let description = try Self.describe(source.name)
        guard let text = description.groundedText else {
            throw CatalogueError.noText(name: description.name)
        }
        let pieces = try WordPieceVocabulary(
            path: vocabulary ?? store.vocabularyPath(of: source.name), count: text.vocabularyCount)
        let encoder = try GroundedTextEncoder(
            configuration: text,
            weights: weights(of: source),
            threadCount: threadCount)
        return (encoder, WordPieceTokenizer(pieces, contextLength: text.contextLength))
    }

    /// Whether inputs of each kind in `identities` are embedded by the encoder of that name.
    public func usesEncoders(of identities: [MediaKind: EncoderIdentity]) -> Bool {
        identities.allSatisfy { kind, identity in
            Self.name(of: sources[kind] ?? EncoderSource(name: Catalogue.defaultName))
                == identity.name
        }
    }

    /// The name of an encoder, without loading it; nil if it is unknown.
    private static func name(of source: EncoderSource) -> String? {
        try? describe(source.name).name
    }

    /// An encoder with random weights, for benchmarks.
    ///
    /// - Throws: `CatalogueError.unknownModel`, `ScoringError.encoderDescription`.
    public func untrainedEncoder(_ name: String) throws -> Encoder {
        let description = try Self.describe(name)
        return try Encoder(
            name: description.name, architecture: description.configuration,
            preprocessing: description.preprocessing,
            weights: try RandomWeights.file(for: description.configuration),
            precision: precision.precision, threadCount: threadCount)
    }

    private func weights(of source: EncoderSource) throws -> WeightFile {
        try WeightFile.open(source.weights ?? store.path(of: source.name))
    }

    private func load(
        _ source: EncoderSource, preprocessing: Preprocessing? = nil, taps: [Int]? = nil,
        keepsTokens: Bool = false, motion: (EncoderArchitecture) -> MotionRecipe?
    ) throws -> Encoder {
        let description = try Self.describe(source.name)
        return try Encoder(
            name: description.name, architecture: description.configuration,
            preprocessing: preprocessing ?? description.preprocessing,
            weights: weights(of: source), precision: precision.precision, taps: taps,
            motion: motion(description.configuration), keepsTokens: keepsTokens,
            threadCount: threadCount)
    }

    /// - Throws: `CatalogueError` for an unknown name, `ScoringError.encoderDescription` for a
    ///   file.
    private static func describe(_ name: String) throws -> EncoderDescription {
        guard name.hasSuffix(".json") else {
            let entry = try Catalogue.entry(named: name)
            guard case .encoder(let architecture, let preprocessing) = entry.content else {
                throw CatalogueError.noEncoder(name: name)
            }
            return EncoderDescription(
                name: entry.name, configuration: architecture, preprocessing: preprocessing,
                text: entry.text, groundedText: entry.groundedText)
        }
        do {
            let data = try WholeFile.data(name) {
                ScoringError.encoderDescription(path: name, reason: $0.reason)
            }
            return try JSONDecoder().decode(EncoderDescription.self, from: data)
        } catch let error as ScoringError {
            throw error
        } catch let error as DecodingError {
            throw ScoringError.encoderDescription(path: name, reason: error.reason)
        } catch {
            throw ScoringError.encoderDescription(path: name, reason: "\(error)")
        }
    }
}
