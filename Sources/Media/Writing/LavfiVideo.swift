import CFFmpeg
import Files
public import Frames

/// A short synthetic video from FFmpeg's source filters: it reads no file, and its frames are the
/// same on every machine.
///
/// Source: FFmpeg 5.1, `libavdevice/lavfi.c`, which runs the same graphs as a demuxer.
public struct LavfiVideo: Sendable, Hashable {
    /// A filter graph without inputs and with one output, as for `ffmpeg -f lavfi -i`.
    public let graph: String
    /// Number of frames, at least 1.
    public let frameCount: Int

    public init(graph: String, frameCount: Int) {
        precondition(frameCount > 0)
        self.graph = graph
        self.frameCount = frameCount
    }

    /// Renders all frames.
    ///
    /// - Throws: `MediaError.pattern` if this FFmpeg lacks a filter or the graph ends too early.
    public func frames() throws(MediaError) -> [Frame] {
        let converter = ColorConverter()
        var frames: [Frame] = []
        try forEachFrame { (frame, timeBase) throws(MediaError) in
            let time = FrameTime(
                index: frames.count, ptsSeconds: Double(frame.pointee.pts) * av_q2d(timeBase))
            frames.append(
                try converter.frame(frame, at: time, orientation: .upright, input: graph))
        }
        return frames
    }

    /// Writes the video as H.264 in MP4; the graph must output `yuv420p` with even width and
    /// height.
    ///
    /// - Throws: The errors of `frames()`, and `MediaError.file` if the file cannot be written.
    public func write(to path: String, crf: Int) throws(MediaError) {
        var muxer: FrameMuxer?
        var count: Int64 = 0
        try forEachFrame { (frame, timeBase) throws(MediaError) in
            let current: FrameMuxer
            if let muxer {
                current = muxer
            } else {
                current = try FrameMuxer(
                    MediaCopy.mp4(crf: crf), to: .file(path), width: frame.pointee.width,
                    height: frame.pointee.height,
                    frameRate: AVRational(num: timeBase.den, den: timeBase.num)
                ) { .file(FileError(.write, path, .file($0))) }
                muxer = current
            }
            frame.pointee.pts = count
            frame.pointee.pict_type = AV_PICTURE_TYPE_NONE
            count += 1
            try current.write(frame)
        }
        _ = try muxer?.finish()
    }

    /// Passes each frame to `body`, with the time base of its timestamp.
    private func forEachFrame(
        _ body: (UnsafeMutablePointer<AVFrame>, AVRational) throws(MediaError) -> Void
    ) throws(MediaError) {
        LibavLog.install()
        LibavLog.clear()
        var graph = avfilter_graph_alloc()
        defer { avfilter_graph_free(&graph) }
        guard let graph else { throw .outOfMemory(input: self.graph) }
        graph.pointee.nb_threads = 1
        let sink = try configure(graph)
        let output = UniqueAVFrame()
        let timeBase = av_buffersink_get_time_base(sink)
        for _ in 0..<frameCount {
            try output.withFrame { (frame) throws(MediaError) in
                av_frame_unref(frame)
                try check(av_buffersink_get_frame(sink, frame))
                try body(frame, timeBase)
            }
        }
    }

    /// Builds the graph.
    ///
    /// - Returns: The buffer sink, which the graph owns.
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
