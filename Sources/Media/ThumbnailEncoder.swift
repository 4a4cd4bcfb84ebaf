import CFFmpeg

/// Encodes small pictures into a file in memory.
///
/// Owns what libav allocates for it. One thread; the same pictures give the same bytes.
final class ThumbnailEncoder {
    let format: ThumbnailFormat
    private var container: UnsafeMutablePointer<AVFormatContext>?
    private var encoder: UnsafeMutablePointer<AVCodecContext>?
    private var packet: UnsafeMutablePointer<AVPacket>?
    private var converter: OpaquePointer?
    private let rgb = Picture()
    private let yuv = Picture()
    private let width: Int
    private let height: Int
    private var frameCount: Int64 = 0

    /// - Throws: `MediaError.thumbnail` if FFmpeg lacks the encoder or refuses the size.
    init(
        _ format: ThumbnailFormat, width: Int, height: Int, frameRate: Int
    ) throws(MediaError) {
        LibavLog.install()
        LibavLog.clear()
        self.format = format
        self.width = width
        self.height = height
        guard
            let codec = format.encoders.lazy.compactMap({ avcodec_find_encoder_by_name($0) }).first
        else {
            throw .thumbnail(
                reason: "FFmpeg was built without \(format.encoders.joined(separator: " and "))")
        }
        try check(avformat_alloc_output_context2(&container, nil, format.container, nil))
        encoder = avcodec_alloc_context3(codec)
        packet = av_packet_alloc()
        converter = sws_getContext(
            Int32(width), Int32(height), AV_PIX_FMT_RGB24, Int32(width), Int32(height),
            format.pixelFormat, SWS_BICUBIC, nil, nil, nil)
        guard let container, let encoder, packet != nil, converter != nil,
            let stream = avformat_new_stream(container, nil),
            rgb.reserve(
                width: Int32(width), height: Int32(height), format: AV_PIX_FMT_RGB24.rawValue)
        else { throw .thumbnail(reason: "there is not enough memory") }
        encoder.pointee.width = Int32(width)
        encoder.pointee.height = Int32(height)
        encoder.pointee.pix_fmt = format.pixelFormat
        encoder.pointee.time_base = AVRational(num: 1, den: Int32(frameRate))
        encoder.pointee.framerate = AVRational(num: Int32(frameRate), den: 1)
        encoder.pointee.thread_count = 1
        encoder.pointee.flags |= AV_CODEC_FLAG_BITEXACT
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
        // Else every file has a number of its own.
        container.pointee.flags |= AVFMT_FLAG_BITEXACT
        try check(avio_open_dyn_buf(&container.pointee.pb))
        try check(avformat_write_header(container, nil))
    }

    deinit {
        if let container, container.pointee.pb != nil { _ = takeBytes(container) }
        avformat_free_context(container)
        avcodec_free_context(&encoder)
        av_packet_free(&packet)
        sws_freeContext(converter)
    }

    /// Appends a picture.
    ///
    /// - Parameter pixels: `[height, width, 3]`.
    func write(_ pixels: [UInt8]) throws(MediaError) {
        precondition(pixels.count == width * height * 3)
        // The encoder may still hold the last one.
        guard
            yuv.reserve(
                width: Int32(width), height: Int32(height), format: format.pixelFormat.rawValue),
            yuv.withFrame({ av_frame_make_writable($0) }) >= 0
        else { throw .thumbnail(reason: "there is not enough memory") }
        rgb.withFrame { copy(pixels, into: $0) }
        let code = rgb.withFrame { source in
            yuv.withFrame { target in
                target.pointee.pts = frameCount
                let strides = source.pointee.strides.map { Int32(truncatingIfNeeded: $0) }
                let targetStrides = target.pointee.strides.map { Int32(truncatingIfNeeded: $0) }
                let rows = source.pointee.extended_data.withMemoryRebound(
                    to: UnsafePointer<UInt8>?.self, capacity: 4
                ) { data in
                    sws_scale(
                        converter, data, strides, 0, Int32(height), target.pointee.extended_data,
                        targetStrides)
                }
                return rows == height
                    ? avcodec_send_frame(encoder, target) : ganrm_error_invalid_data
            }
        }
        try check(code)
        frameCount += 1
        try drain()
    }

    /// Ends the file.
    ///
    /// - Returns: Its content.
    func finish() throws(MediaError) -> [UInt8] {
        guard let container else { preconditionFailure("the encoder is open") }
        try check(avcodec_send_frame(encoder, nil))
        try drain()
        try check(av_write_trailer(container))
        return takeBytes(container)
    }

    /// Moves what the encoder has ready into the container.
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
            // Takes the packet's content over.
            try check(av_interleaved_write_frame(container, packet))
        }
    }

    /// Closes the buffer that the container writes to.
    private func takeBytes(_ container: UnsafeMutablePointer<AVFormatContext>) -> [UInt8] {
        var buffer: UnsafeMutablePointer<UInt8>?
        let count = avio_close_dyn_buf(container.pointee.pb, &buffer)
        container.pointee.pb = nil
        defer { av_free(buffer) }
        return Array(UnsafeBufferPointer(start: buffer, count: Int(count)))
    }

    private func copy(_ pixels: [UInt8], into frame: UnsafeMutablePointer<AVFrame>) {
        guard let target = frame.pointee.extended_data[0] else { return }
        let stride = Int(frame.pointee.linesize.0)
        pixels.withUnsafeBufferPointer { pixels in
            for row in 0..<height {
                (target + row * stride).update(
                    from: pixels.baseAddress! + row * width * 3, count: width * 3)
            }
        }
    }

    private func check(_ code: Int32) throws(MediaError) {
        guard code < 0 else { return }
        throw .thumbnail(reason: LibavLog.firstError() ?? libavMessage(code))
    }
}
