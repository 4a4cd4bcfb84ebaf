import CFFmpeg
import Frames

/// A graph of FFmpeg filters with one video in and one out; owns its `AVFilterGraph`.
///
/// Source: FFmpeg 5.1, `fftools/ffmpeg_filter.c`, `configure_filtergraph`.
final class FilterGraph: FrameStage {
    private var graph: UnsafeMutablePointer<AVFilterGraph>?
    /// Both belong to the graph.
    private var source: UnsafeMutablePointer<AVFilterContext>?
    private var sink: UnsafeMutablePointer<AVFilterContext>?
    /// When the last frame that came in ends, in ticks of what comes in: `fps` fills up to there.
    private var end: Int64 = 0
    /// How long a frame is shown that does not say it.
    private let usualDuration: Int64

    /// - Throws: `MediaError.treatment`.
    init(_ text: String, for format: FrameFormat, input: String) throws(MediaError) {
        LibavLog.clear()
        let (rate, base) = (format.frameRate, format.timeBase)
        usualDuration =
            rate.num > 0 ? av_rescale_q(1, AVRational(num: rate.den, den: rate.num), base) : 0
        graph = avfilter_graph_alloc()
        guard let graph else { throw .outOfMemory(input: input) }
        graph.pointee.nb_threads = 1
        // What the command scales with where it converts between filters.
        graph.pointee.scale_sws_opts = av_strdup("flags=bicubic")
        let text = try Self.filled(text, for: format, input: input)
        try add("buffer", Self.description(of: format), to: &source, input: input)
        try add("buffersink", nil, to: &sink, input: input)
        let turned = (format.orientation.filters + [text]).joined(separator: ",")
        let code = Self.parse(turned, into: graph, from: source, to: sink)
        guard code >= 0 else { throw .treatment(code, input: input) }
        let configured = avfilter_graph_config(graph, nil)
        guard configured >= 0 else { throw .treatment(configured, input: input) }
    }

    deinit {
        avfilter_graph_free(&graph)
    }

    var timeBase: AVRational { av_buffersink_get_time_base(sink) }
    var frameRate: AVRational { av_buffersink_get_frame_rate(sink) }

    func send(_ frame: UnsafeMutablePointer<AVFrame>?) -> Int32 {
        guard let frame else { return av_buffersrc_close(source, end, 0) }
        let duration = ganrm_frame_duration(frame)
        end = frame.pointee.pts &+ (duration > 0 ? duration : usualDuration)
        let code = av_buffersrc_add_frame_flags(source, frame, 0)
        // A filter that has seen enough, as trim.
        return code == ganrm_error_eof ? 0 : code
    }

    func receive(into picture: borrowing Picture) -> Int32 {
        picture.withFrame { frame in
            av_frame_unref(frame)
            return av_buffersink_get_frame(sink, frame)
        }
    }

    private func add(
        _ name: String, _ arguments: String?,
        to context: inout UnsafeMutablePointer<AVFilterContext>?, input: String
    ) throws(MediaError) {
        let code = avfilter_graph_create_filter(
            &context, avfilter_get_by_name(name), nil, arguments, nil, graph)
        guard code >= 0 else { throw .treatment(code, input: input) }
    }

    /// The options of the filter `buffer`.
    private static func description(of format: FrameFormat) -> String {
        var options = [
            "width=\(format.width)", "height=\(format.height)", "pix_fmt=\(format.pixelFormat)",
            "time_base=\(format.timeBase.num)/\(format.timeBase.den)",
            "pixel_aspect=\(format.pixelAspect.num)/\(max(format.pixelAspect.den, 1))",
        ]
        if format.frameRate.num > 0 {
            options.append("frame_rate=\(format.frameRate.num)/\(format.frameRate.den)")
        }
        if ganrm_buffer_source_has_colors() != 0 {
            options.append("colorspace=\(format.colorspace.rawValue)")
            options.append("range=\(format.range.rawValue)")
        }
        return options.joined(separator: ":")
    }

    /// Fills the placeholders in.
    private static func filled(
        _ text: String, for format: FrameFormat, input: String
    ) throws(MediaError) -> String {
        let transposes = format.orientation.transposes
        var text = text.replacing(
            "{width}", with: "\(transposes ? format.height : format.width)"
        ).replacing("{height}", with: "\(transposes ? format.width : format.height)")
        if text.contains("{frames}") {
            guard let count = format.frameCount else {
                throw .treatment(
                    input: input,
                    reason: "its length is not known before its end; write it to a file first")
            }
            text = text.replacing("{frames}", with: "\(count)")
        }
        return text
    }

    /// Builds what `text` says between two filters. Returns libav's code.
    private static func parse(
        _ text: String, into graph: UnsafeMutablePointer<AVFilterGraph>,
        from source: UnsafeMutablePointer<AVFilterContext>?,
        to sink: UnsafeMutablePointer<AVFilterContext>?
    ) -> Int32 {
        // Seen from the text: its open input is what the source gives.
        var outputs = avfilter_inout_alloc()
        var inputs = avfilter_inout_alloc()
        defer {
            avfilter_inout_free(&outputs)
            avfilter_inout_free(&inputs)
        }
        guard let from = outputs, let to = inputs else { return ganrm_error_memory }
        from.pointee.name = av_strdup("in")
        from.pointee.filter_ctx = source
        to.pointee.name = av_strdup("out")
        to.pointee.filter_ctx = sink
        return avfilter_graph_parse_ptr(graph, text, &inputs, &outputs, nil)
    }
}

extension Orientation {
    /// The filters by which FFmpeg's command turns pictures.
    ///
    /// Source: FFmpeg 5.1, `fftools/ffmpeg_filter.c`, `configure_input_video_filter`.
    fileprivate var filters: [String] {
        if transposes {
            switch (flipsRows, flipsColumns) {
            case (true, false): ["transpose=clock"]
            case (false, true): ["transpose=cclock"]
            case (false, false): ["transpose=cclock_flip"]
            case (true, true): ["transpose=clock_flip"]
            }
        } else {
            (flipsColumns ? ["hflip"] : []) + (flipsRows ? ["vflip"] : [])
        }
    }
}
