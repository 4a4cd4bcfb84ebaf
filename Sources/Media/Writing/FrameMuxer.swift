import CFFmpeg

/// Encodes frames into a container; owns the encoder and the container.
///
/// Encodes with one thread, so that the same frames give the same bytes.
final class FrameMuxer {
    enum Destination {
        case memory
        case file(String)
    }

    /// The container, the encoder and their options.
    struct Format {
        /// FFmpeg's name of the container format.
        var container: String
        /// Encoders in order of preference; the first that FFmpeg was built with is used.
        var encoders: [String]
        var pixelFormat: AVPixelFormat
        /// Bits per second; 0 means the encoder's default.
        var bitRate: Int64 = 0
        /// The encoder's private options.
        var options: [(name: String, value: String)] = []
        /// Options of the muxer.
        var containerOptions: [(name: String, value: String)] = []
    }

    private let failure: (String) -> MediaError
    private let isInMemory: Bool
    private var container: UnsafeMutablePointer<AVFormatContext>?
    private var encoder: UnsafeMutablePointer<AVCodecContext>?
    private var packet: UnsafeMutablePointer<AVPacket>?

    /// - Parameters:
    ///   - frameRate: Frames per second; its inverse is the time base of the frames.
    ///   - colors: A frame whose color properties and aspect ratio are written; nil writes none.
    ///   - failure: Makes an error from a reason.
    init(
        _ format: Format, to destination: Destination, width: Int32, height: Int32,
        frameRate: AVRational, colors: UnsafeMutablePointer<AVFrame>? = nil,
        failure: @escaping (String) -> MediaError
    ) throws(MediaError) {
        LibavLog.install()
        LibavLog.clear()
        self.failure = failure
        if case .memory = destination { isInMemory = true } else { isInMemory = false }
        guard
            let codec = format.encoders.lazy.compactMap({ avcodec_find_encoder_by_name($0) }).first
        else {
            throw failure(
                "FFmpeg was built without \(format.encoders.joined(separator: " and "))")
        }
        var path: String?
        if case .file(let name) = destination { path = name }
        try check(avformat_alloc_output_context2(&container, nil, format.container, path))
        encoder = avcodec_alloc_context3(codec)
        packet = av_packet_alloc()
        guard let container, let encoder, packet != nil,
            let stream = avformat_new_stream(container, nil)
        else { throw failure("there is not enough memory") }
        encoder.pointee.width = width
        encoder.pointee.height = height
        encoder.pointee.pix_fmt = format.pixelFormat
        encoder.pointee.time_base = AVRational(num: frameRate.den, den: frameRate.num)
        encoder.pointee.framerate = frameRate
        encoder.pointee.thread_count = 1
        encoder.pointee.flags |= AV_CODEC_FLAG_BITEXACT
        if let colors {
            encoder.pointee.sample_aspect_ratio = colors.pointee.sample_aspect_ratio
            encoder.pointee.colorspace = colors.pointee.colorspace
            encoder.pointee.color_range = colors.pointee.color_range
            encoder.pointee.color_primaries = colors.pointee.color_primaries
            encoder.pointee.color_trc = colors.pointee.color_trc
        }
        if format.bitRate > 0 { encoder.pointee.bit_rate = format.bitRate }
        if container.pointee.oformat.pointee.flags & AVFMT_GLOBALHEADER != 0 {
            encoder.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER
        }
        for (name, value) in format.options {
            try check(av_opt_set(encoder.pointee.priv_data, name, value, 0))
        }
        try check(avcodec_open2(encoder, codec, nil))
        try check(avcodec_parameters_from_context(stream.pointee.codecpar, encoder))
        stream.pointee.time_base = encoder.pointee.time_base
        stream.pointee.avg_frame_rate = frameRate
        // Otherwise the muxer writes a random identifier into each file.
        container.pointee.flags |= AVFMT_FLAG_BITEXACT
        if let path {
            try check(avio_open(&container.pointee.pb, path, AVIO_FLAG_WRITE))
        } else {
            try check(avio_open_dyn_buf(&container.pointee.pb))
        }
        var options: OpaquePointer?
        defer { av_dict_free(&options) }
        for (name, value) in format.containerOptions { av_dict_set(&options, name, value, 0) }
        try check(avformat_write_header(container, &options))
    }

    deinit {
        if let container, container.pointee.pb != nil {
            if isInMemory { _ = takeBytes(container) } else { avio_closep(&container.pointee.pb) }
        }
        avformat_free_context(container)
        avcodec_free_context(&encoder)
        av_packet_free(&packet)
    }

    /// Encodes a frame of the encoder's size and pixel format; its `pts` is in ticks of the time
    /// base.
    func write(_ frame: UnsafeMutablePointer<AVFrame>) throws(MediaError) {
        try check(avcodec_send_frame(encoder, frame))
        try drain()
    }

    /// Flushes the encoder and finishes the file.
    ///
    /// - Returns: The file's bytes if the destination is memory, otherwise an empty array.
    func finish() throws(MediaError) -> [UInt8] {
        guard let container else { preconditionFailure("the encoder is open") }
        try check(avcodec_send_frame(encoder, nil))
        try drain()
        try check(av_write_trailer(container))
        if isInMemory { return takeBytes(container) }
        // A full disk may be reported only here.
        try check(avio_closep(&container.pointee.pb))
        return []
    }

    /// Writes the packets that the encoder has ready to the container.
    private func drain() throws(MediaError) {
        guard let container, let encoder, let packet, let stream = container.pointee.streams[0]
        else { return }
        while true {
            let code = avcodec_receive_packet(encoder, packet)
            if code == ganrm_error_again || code == ganrm_error_eof { return }
            try check(code)
            packet.pointee.duration = max(packet.pointee.duration, 1)
            av_packet_rescale_ts(packet, encoder.pointee.time_base, stream.pointee.time_base)
            packet.pointee.stream_index = 0
            // Takes ownership of the packet's content.
            try check(av_interleaved_write_frame(container, packet))
        }
    }

    /// Closes the in-memory buffer and returns its bytes.
    private func takeBytes(_ container: UnsafeMutablePointer<AVFormatContext>) -> [UInt8] {
        var buffer: UnsafeMutablePointer<UInt8>?
        let count = avio_close_dyn_buf(container.pointee.pb, &buffer)
        container.pointee.pb = nil
        defer { av_free(buffer) }
        return Array(UnsafeBufferPointer(start: buffer, count: Int(count)))
    }

    private func check(_ code: Int32) throws(MediaError) {
        guard code < 0 else { return }
        throw failure(LibavLog.firstError() ?? libavMessage(code))
    }
}
