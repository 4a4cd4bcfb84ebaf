package import Encoders
public import Frames

/// Sampling of files and of streams, which may be unbounded.
public struct SamplingPlan: Sendable, Hashable {
    /// Sampling of files.
    public var file: Sampling
    /// Sampling of standard input and of URLs without a known duration; must use constant memory.
    public var stream: Sampling

    /// Uses the same sampling for all inputs.
    public init(_ sampling: Sampling) {
        file = sampling
        stream = sampling
    }

    /// Uses windows of consecutive frames with the same frame count for streams.
    public init(file: Sampling) {
        self.file = file
        if case .window = file {
            stream = file
        } else {
            stream = .window(WindowSampling(frameCount: file.frameCount))
        }
    }

    /// The sampling of an input; an image is a clip of one frame.
    package func sampling(for kind: MediaKind, isStream: Bool) -> Sampling {
        if kind == .image { return .uniform(UniformSampling(frameCount: 1)) }
        return isStream ? stream : file
    }
}

extension Sampling {
    /// Rejects clips whose length does not suit the encoder: a video encoder has position
    /// embeddings for T frames and accepts one frame, too; an image encoder embeds single frames.
    ///
    /// - Throws: `ScoringError.clipLength`.
    package func check(_ encoder: Encoder) throws(ScoringError) {
        let expected = encoder.architecture.frameCount
        let isPossible =
            switch encoder.architecture {
            case .transformer: expected == 1 || frameCount == 1 || frameCount == expected
            case .convolutional: expected == 1 || frameCount == expected
            }
        guard isPossible else {
            throw .clipLength(encoder: encoder.name, expected: expected, requested: frameCount)
        }
    }
}
