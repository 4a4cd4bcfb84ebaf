/// The configuration of a stage: a filter graph, or an encoder whose output is decoded again.
enum FilterStageConfiguration {
    case filters(String)
    case roundTrip(RoundTripCodec)

    /// Opens the stage for frames of `format`.
    ///
    /// - Throws: `MediaError.filtering` if FFmpeg refuses it.
    func open(for format: FrameFormat, input: String) throws(MediaError) -> any FilterStage {
        switch self {
        case .filters(let text):
            FilterGraph.missingFilters(in: text).isEmpty
                ? try FilterGraph(text, for: format, input: input)
                : try ExternalStage(
                    .filters(FilterGraph.chain(text, for: format, input: input)), for: format,
                    input: input)
        case .roundTrip(let codec):
            codec.isBuiltIn
                ? try RoundTrip(codec, for: format, input: input)
                : try ExternalStage(.roundTrip(codec), for: format, input: input)
        }
    }
}
