import Frames

/// What a stage does.
enum FrameStageKind {
    case filters(String)
    case roundTrip(RoundTripCodec)

    /// - Throws: `MediaError.treatment`.
    func open(for format: FrameFormat, input: String) throws(MediaError) -> any FrameStage {
        switch self {
        case .filters(let text): try FilterGraph(text, for: format, input: input)
        case .roundTrip(let codec): try RoundTrip(codec, for: format, input: input)
        }
    }
}
