public import Encoders
public import Frames
import Synchronization

/// The encoders for images and for videos.
///
/// An encoder is loaded lazily, when it is first requested.
public final class EncoderSet: Sendable {
    /// Loads an encoder.
    public typealias Loader = @Sendable () throws -> Encoder

    private struct Slot {
        let load: Loader
        var encoder: Encoder?
    }
    private let slots: Mutex<[Slot]>
    private let isShared: Bool
    /// Identities of the encoders, as far as they are known before loading.
    private let known: [MediaKind: EncoderIdentity]
    /// Precision of the encoders.
    public let precision: Precision

    /// Uses one encoder for images and videos.
    public init(
        precision: Precision, known: [MediaKind: EncoderIdentity] = [:],
        both loader: @escaping Loader
    ) {
        slots = Mutex([Slot(load: loader)])
        isShared = true
        self.precision = precision
        self.known = known
    }

    public init(
        precision: Precision, known: [MediaKind: EncoderIdentity] = [:],
        image: @escaping Loader, video: @escaping Loader
    ) {
        slots = Mutex([Slot(load: image), Slot(load: video)])
        isShared = false
        self.precision = precision
        self.known = known
    }

    /// The encoder for inputs of this kind; the first call loads it. Thread-safe.
    ///
    /// - Throws: Errors of the loader, for example for a missing weight file.
    public func encoder(for kind: MediaKind) throws -> Encoder {
        try slots.withLock { slots in
            let index = isShared || kind == .image ? 0 : 1
            if let encoder = slots[index].encoder { return encoder }
            let encoder = try slots[index].load()
            slots[index].encoder = encoder
            return encoder
        }
    }

    /// The identity of the encoder for inputs of this kind; if unknown, loads the encoder.
    public func identity(for kind: MediaKind) throws -> EncoderIdentity {
        try known[kind] ?? encoder(for: kind).identity
    }

    /// The identities of all encoders; loads those that are unknown.
    public func identities() throws -> [MediaKind: EncoderIdentity] {
        try Dictionary(
            uniqueKeysWithValues: MediaKind.allCases.map { ($0, try identity(for: $0)) })
    }
}

extension Encoder {
    /// Default sampling of files without a reward model.
    ///
    /// A clip has the frame count of a video encoder. For an image encoder, which averages the
    /// frames' embeddings, it has 8 frames, or two bursts with motion features.
    public var defaultSampling: Sampling {
        let burst = motion?.burst ?? 1
        let isVideo = architecture.frameCount > 1
        let frameCount = isVideo ? architecture.frameCount : motion == nil ? 8 : 2 * burst
        return .uniform(UniformSampling(frameCount: frameCount, burst: burst))
    }
}
