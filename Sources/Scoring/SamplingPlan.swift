package import Encoders
public import Frames

/// Which sampling an input gets: what has an end is seen as a whole, what may run for ever is not.
public struct SamplingPlan: Sendable, Hashable {
    /// For files.
    public var file: Sampling
    /// For standard input and addresses that name no duration: memory stays constant.
    public var stream: Sampling

    /// The same for all inputs.
    public init(_ sampling: Sampling) {
        file = sampling
        stream = sampling
    }

    /// Files as given; streams in windows of as many neighbouring frames.
    public init(file: Sampling) {
        self.file = file
        if case .window = file {
            stream = file
        } else {
            stream = .window(WindowSampling(frameCount: file.frameCount))
        }
    }

    /// The sampling of an input; a picture is a clip of one frame.
    package func sampling(for kind: MediaKind, isStream: Bool) -> Sampling {
        if kind == .image { return .uniform(UniformSampling(frameCount: 1)) }
        return isStream ? stream : file
    }
}

extension Sampling {
    /// Refuses clips of a length that the encoder did not learn: a video encoder has positions for
    /// T frames and can see a single one; an image encoder sees frames one by one.
    package func check(_ encoder: Encoder) throws(ScoringError) {
        let expected = encoder.configuration.frameCount
        guard expected == 1 || frameCount == 1 || frameCount == expected else {
            throw .clipLength(encoder: encoder.name, expected: expected, requested: frameCount)
        }
    }
}
