public import Encoders
public import Frames
import Synchronization

/// The encoders that inputs are routed to by their kind: a picture to one, a video to another.
///
/// An encoder is loaded when the first input of its kind arrives.
public final class EncoderSet: Sendable {
    /// Where an encoder comes from.
    public typealias Loader = @Sendable () throws -> Encoder

    private struct Slot {
        let load: Loader
        var encoder: Encoder?
    }
    private let slots: Mutex<[Slot]>
    private let isShared: Bool
    /// What the encoders will turn out to be when they are loaded; may lack kinds.
    private let known: [MediaKind: EncoderIdentity]
    /// What they compute in.
    public let precision: Precision

    /// One encoder for pictures and videos alike.
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

    /// The encoder for inputs of this kind; loaded by the first call, whichever thread makes it.
    ///
    /// - Throws: Whatever its loader throws: a missing weight file, an unknown fingerprint.
    public func encoder(for kind: MediaKind) throws -> Encoder {
        try slots.withLock { slots in
            let place = isShared || kind == .image ? 0 : 1
            if let encoder = slots[place].encoder { return encoder }
            let encoder = try slots[place].load()
            slots[place].encoder = encoder
            return encoder
        }
    }

    /// What the encoder for inputs of this kind is; loads it only if that is not known.
    public func identity(for kind: MediaKind) throws -> EncoderIdentity {
        try known[kind] ?? encoder(for: kind).identity
    }

    /// What the encoders are; loads those that are not known.
    public func identities() throws -> [MediaKind: EncoderIdentity] {
        try Dictionary(
            uniqueKeysWithValues: MediaKind.allCases.map { ($0, try identity(for: $0)) })
    }
}

extension Encoder {
    /// How files are sampled where no reward model says it: as many frames as a video encoder takes, 8 for an image
    /// encoder, whose embeddings are averaged over them, or two bursts of those that it follows.
    public var usualSampling: Sampling {
        let burst = motion?.burst ?? 1
        let isVideo = configuration.frameCount > 1
        let frameCount = isVideo ? configuration.frameCount : motion == nil ? 8 : 2 * burst
        return .uniform(UniformSampling(frameCount: frameCount, burst: burst))
    }
}
