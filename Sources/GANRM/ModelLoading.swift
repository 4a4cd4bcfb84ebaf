public import Encoders
public import Foundation
public import Media
import Reward
import Tensors

/// An encoder as a user names it.
public struct EncoderSource: Sendable, Hashable {
    /// A name of the catalogue, or a JSON file with an `EncoderDescription`.
    public var name: String
    /// A weight file; nil: the one in the cache.
    public var weights: String?

    public init(name: String, weights: String? = nil) {
        self.name = name
        self.weights = weights
    }
}

/// An encoder that is not in the catalogue, as a JSON file describes it.
public struct EncoderDescription: Sendable, Hashable, Codable {
    public var name: String
    public var configuration: VisionTransformerConfiguration
    public var preprocessing: Preprocessing
}

/// Puts a reward model and its encoders together: names and files in, a `Scorer` out.
public struct ModelLoading: Sendable {
    /// Stand-ins for the encoders that the reward model names, by the kind of input.
    public var sources: [MediaKind: EncoderSource]
    public var precision: PrecisionChoice
    public var threadCount: Int
    public var store: ModelStore

    public init(
        sources: [MediaKind: EncoderSource] = [:], precision: PrecisionChoice = .automatic,
        threadCount: Int = ProcessInfo.processInfo.activeProcessorCount,
        store: ModelStore = ModelStore()
    ) {
        self.sources = sources
        self.precision = precision
        self.threadCount = threadCount
        self.store = store
    }

    /// A reward model with its encoders, which are loaded when they are needed.
    ///
    /// - Parameter model: A file or folder, or `default`.
    /// - Throws: `RewardError`, `GANRMError.noDefaultModel`; an encoder that the head was not
    ///   trained with is refused when it is loaded.
    public func scorer(model name: String) throws -> Scorer {
        let model = try RewardModel.load(name == "default" ? DefaultModel.path() : name)
        let expected = try [MediaKind.image, .video].map { try model.encoder(for: $0) }
        let encoders = encoders(sources: { kind in
            EncoderSource(name: expected[kind == .image ? 0 : 1].name)
        }) { kind, source in
            let identity = expected[kind == .image ? 0 : 1]
            let encoder = try load(
                source, preprocessing: identity.preprocessing, taps: identity.taps)
            try model.check(encoder.identity, for: kind)
            return encoder
        }
        return Scorer(model: model, name: name, encoders: encoders)
    }

    /// Encoders without a reward model: the catalogue's default where none is named.
    ///
    /// - Parameter taps: Block numbers from 1; nil: the last block.
    public func encoders(taps: [Int]? = nil) -> EncoderSet {
        encoders(sources: { _ in EncoderSource(name: Catalogue.defaultName) }) { _, source in
            try load(source, taps: taps)
        }
    }

    /// One loader for each kind of input, or one for both where they are the same encoder.
    private func encoders(
        sources fallback: (MediaKind) -> EncoderSource,
        load: @escaping @Sendable (MediaKind, EncoderSource) throws -> Encoder
    ) -> EncoderSet {
        let image = sources[.image] ?? fallback(.image)
        let video = sources[.video] ?? fallback(.video)
        return image == video
            ? EncoderSet(both: { try load(.video, video) })
            : EncoderSet(image: { try load(.image, image) }, video: { try load(.video, video) })
    }

    private func load(
        _ source: EncoderSource, preprocessing: Preprocessing? = nil, taps: [Int]? = nil
    ) throws -> Encoder {
        let description = try Self.describe(source.name)
        let path = try source.weights ?? store.path(of: source.name)
        return try Encoder(
            name: description.name, configuration: description.configuration,
            preprocessing: preprocessing ?? description.preprocessing,
            weights: WeightFile.open(path), precision: precision.precision, taps: taps,
            threadCount: threadCount)
    }

    /// - Throws: `CatalogueError` for an unknown name, `GANRMError.encoderDescription` for a file.
    private static func describe(_ name: String) throws -> EncoderDescription {
        guard name.hasSuffix(".json") else {
            let entry = try Catalogue.entry(named: name)
            return EncoderDescription(
                name: entry.name, configuration: entry.configuration,
                preprocessing: entry.preprocessing)
        }
        do {
            let data = try Data(contentsOf: URL(fileURLWithPath: name))
            return try JSONDecoder().decode(EncoderDescription.self, from: data)
        } catch {
            throw GANRMError.encoderDescription(path: name, reason: "\(error)")
        }
    }
}
