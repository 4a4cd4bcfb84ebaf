public import Encoders
public import Media
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

    /// One encoder for pictures and videos alike.
    public init(both loader: @escaping Loader) {
        slots = Mutex([Slot(load: loader)])
        isShared = true
    }

    public init(image: @escaping Loader, video: @escaping Loader) {
        slots = Mutex([Slot(load: image), Slot(load: video)])
        isShared = false
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

    /// What the encoders are; loads those that are not loaded yet.
    public func identities() throws -> [MediaKind: EncoderIdentity] {
        try Dictionary(
            uniqueKeysWithValues: MediaKind.allCases.map { ($0, try encoder(for: $0).identity) })
    }
}

extension Encoder {
    /// How files are sampled where no reward model says it: T frames, uniformly; 8 for an image
    /// encoder, whose embeddings are averaged over them.
    public var usualSampling: Sampling {
        .uniform(
            UniformSampling(frameCount: configuration.frameCount > 1 ? configuration.frameCount : 8)
        )
    }
}
