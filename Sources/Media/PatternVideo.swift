import CFFmpeg
public import Frames

/// A short video that FFmpeg's own sources make: nothing is read, the same frames everywhere.
///
/// Source: FFmpeg 5.1, `libavdevice/lavfi.c`, which is the same graph behind a demuxer.
public struct PatternVideo: Sendable, Hashable {
    /// A filter graph without inputs and with one output, as after `ffmpeg -f lavfi -i`.
    public let graph: String
    /// At least 1.
    public let frameCount: Int

    public init(graph: String, frameCount: Int) {
        precondition(frameCount > 0)
        self.graph = graph
        self.frameCount = frameCount
    }

    /// Makes the frames.
    ///
    /// - Throws: `MediaError.pattern` if this FFmpeg lacks a filter or the graph ends too early.
    public func frames() throws(MediaError) -> [Frame] {
        LibavLog.install()
        LibavLog.clear()
        var graph = avfilter_graph_alloc()
        defer { avfilter_graph_free(&graph) }
        guard let graph else { throw .outOfMemory(input: self.graph) }
        graph.pointee.nb_threads = 1
        let sink = try configure(graph)
        let picture = Picture()
        let converter = ColorConverter()
        let timeBase = av_q2d(av_buffersink_get_time_base(sink))
        var frames: [Frame] = []
        for index in 0..<frameCount {
            let frame = try picture.withFrame { (frame) throws(MediaError) in
                av_frame_unref(frame)
                try check(av_buffersink_get_frame(sink, frame))
                let rgb = try converter.convert(frame, orientation: .upright, input: self.graph)
                return Frame(
                    width: rgb.width, height: rgb.height, pixels: rgb.pixels, index: index,
                    ptsSeconds: Double(frame.pointee.pts) * timeBase)
            }
            frames.append(frame)
        }
        return frames
    }

    /// Builds the graph.
    ///
    /// - Returns: Where its frames come out; belongs to the graph.
    private func configure(
        _ graph: UnsafeMutablePointer<AVFilterGraph>
    ) throws(MediaError) -> UnsafeMutablePointer<AVFilterContext>? {
        var sink: UnsafeMutablePointer<AVFilterContext>?
        try check(
            avfilter_graph_create_filter(
                &sink, avfilter_get_by_name("buffersink"), nil, nil, nil, graph))
        var inputs: UnsafeMutablePointer<AVFilterInOut>?
        var outputs: UnsafeMutablePointer<AVFilterInOut>?
        defer {
            avfilter_inout_free(&inputs)
            avfilter_inout_free(&outputs)
        }
        try check(avfilter_graph_parse2(graph, self.graph, &inputs, &outputs))
        guard inputs == nil, let last = outputs?.pointee, last.next == nil else {
            throw .pattern(graph: self.graph, reason: "it needs no input and exactly one output")
        }
        try check(avfilter_link(last.filter_ctx, UInt32(last.pad_idx), sink, 0))
        try check(avfilter_graph_config(graph, nil))
        return sink
    }

    private func check(_ code: Int32) throws(MediaError) {
        guard code < 0 else { return }
        throw .pattern(graph: graph, reason: LibavLog.firstError() ?? libavMessage(code))
    }
}
