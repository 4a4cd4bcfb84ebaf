import CFFmpeg
import Frames

/// An FFmpeg filter graph with one video input and one output; owns its `AVFilterGraph`.
///
/// Source: FFmpeg 5.1, `fftools/ffmpeg_filter.c`, `configure_filtergraph`.
final class FilterGraph: FilterStage {
    private var graph: UnsafeMutablePointer<AVFilterGraph>?
    /// The endpoints; both are owned by the graph.
    private var source: UnsafeMutablePointer<AVFilterContext>?
    private var sink: UnsafeMutablePointer<AVFilterContext>?
    /// End of the last input frame, in ticks of the input: `fps` fills up to it.
    private var end: Int64 = 0
    /// Duration of a frame that has none, in ticks of the input.
    private let defaultDuration: Int64

    /// - Throws: `MediaError.filtering` if FFmpeg refuses the graph.
    init(_ text: String, for format: FrameFormat, input: String) throws(MediaError) {
        LibavLog.clear()
        let (rate, base) = (format.frameRate, format.timeBase)
        defaultDuration =
            rate.num > 0 ? av_rescale_q(1, AVRational(num: rate.den, den: rate.num), base) : 0
        graph = avfilter_graph_alloc()
        guard let graph else { throw .outOfMemory(input: input) }
        graph.pointee.nb_threads = 1
        // The `ffmpeg` command's scaler for conversions between filters.
        graph.pointee.scale_sws_opts = av_strdup("flags=bicubic")
        let chain = try Self.chain(text, for: format, input: input)
        try add("buffer", Self.description(of: format), to: &source, input: input)
        try add("buffersink", nil, to: &sink, input: input)
        let code = Self.parse(chain, into: graph, from: source, to: sink)
        guard code >= 0 else { throw .filtering(code, input: input) }
        let configured = avfilter_graph_config(graph, nil)
        guard configured >= 0 else { throw .filtering(configured, input: input) }
    }

    deinit {
        avfilter_graph_free(&graph)
    }

    var timeBase: AVRational { av_buffersink_get_time_base(sink) }
    var frameRate: AVRational { av_buffersink_get_frame_rate(sink) }

    func send(_ frame: UnsafeMutablePointer<AVFrame>?) -> Int32 {
        guard let frame else { return av_buffersrc_close(source, end, 0) }
        let duration = ganrm_frame_duration(frame)
        end = frame.pointee.pts &+ (duration > 0 ? duration : defaultDuration)
        let code = av_buffersrc_add_frame_flags(source, frame, 0)
        // A filter may end before its input does, as `trim`.
        return code == ganrm_error_eof ? 0 : code
    }

    func receive(into output: borrowing UniqueAVFrame) -> Int32 {
        output.withFrame { frame in
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
        guard code >= 0 else { throw .filtering(code, input: input) }
    }

    /// The options of the `buffer` filter.
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

    /// Filters of a text that FFmpeg lacks if it was built without its parts under the GPL.
    static func missingFilters(in text: String) -> [String] {
        ["boxblur", "eq", "perspective"].filter { name in
            avfilter_get_by_name(name) == nil
                && text.split(separator: ",").contains { $0.hasPrefix("\(name)=") || $0 == name }
        }
    }

    /// The filters that apply the orientation, and those of a text, whose placeholders are replaced.
    static func chain(
        _ text: String, for format: FrameFormat, input: String
    ) throws(MediaError) -> String {
        let text = try filled(text, for: format, input: input)
        return (format.orientation.filters + [text]).joined(separator: ",")
    }

    /// Replaces the placeholders.
    private static func filled(
        _ text: String, for format: FrameFormat, input: String
    ) throws(MediaError) -> String {
        let transposes = format.orientation.transposes
        var text = text.replacing(
            "{width}", with: "\(transposes ? format.height : format.width)"
        ).replacing("{height}", with: "\(transposes ? format.width : format.height)")
        if text.contains("{frames}") {
            guard let count = format.frameCount else {
                throw .filtering(
                    input: input,
                    reason: "its length is not known before its end; write it to a file first")
            }
            text = text.replacing("{frames}", with: "\(count)")
        }
        return text
    }

    /// Parses `text` into the graph, between two filters. Returns libav's code.
    private static func parse(
        _ text: String, into graph: UnsafeMutablePointer<AVFilterGraph>,
        from source: UnsafeMutablePointer<AVFilterContext>?,
        to sink: UnsafeMutablePointer<AVFilterContext>?
    ) -> Int32 {
        // As in FFmpeg's API: the output of `source` is connected to the open input `in` of the
        // text.
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
    /// The filters that the `ffmpeg` command inserts to apply the orientation.
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
