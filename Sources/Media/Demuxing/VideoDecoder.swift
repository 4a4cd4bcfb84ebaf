import CFFmpeg
import Frames

/// A stream's decoder; owns its `AVCodecContext`.
final class VideoDecoder {
    private var context: UnsafeMutablePointer<AVCodecContext>?
    let codecName: String
    /// Key of this decoder's messages in `LibavLog`.
    private let logID = LibavLog.registerDecoder()

    /// - Parameter demuxer: Borrowed for the duration of the call.
    convenience init(for demuxer: Demuxer, threadCount: Int) throws(MediaError) {
        try self.init(
            demuxer.stream.pointee.codecpar, timeBase: demuxer.stream.pointee.time_base,
            input: demuxer.input, options: demuxer.options, threadCount: threadCount
        ) { demuxer.failure($0, framesRead: 0) }
    }

    /// A decoder of coded images, without a stream.
    ///
    /// - Parameter configuration: The decoder's configuration record, if its format has one.
    convenience init(
        _ codec: AVCodecID, configuration: [UInt8], input: String, options: MediaOptions
    ) throws(MediaError) {
        var parameters = avcodec_parameters_alloc()
        defer { avcodec_parameters_free(&parameters) }
        guard let parameters else { throw .outOfMemory(input: input) }
        parameters.pointee.codec_type = AVMEDIA_TYPE_VIDEO
        parameters.pointee.codec_id = codec
        if !configuration.isEmpty {
            let padding = Int(AV_INPUT_BUFFER_PADDING_SIZE)
            guard let extradata = av_mallocz(configuration.count + padding) else {
                throw .outOfMemory(input: input)
            }
            extradata.copyMemory(from: configuration, byteCount: configuration.count)
            // Freed with the parameters.
            parameters.pointee.extradata = extradata.assumingMemoryBound(to: UInt8.self)
            parameters.pointee.extradata_size = Int32(configuration.count)
        }
        try self.init(
            parameters, timeBase: AVRational(num: 1, den: 25), input: input, options: options,
            threadCount: 1
        ) { code in
            .reading(
                code, input: input, options: options, watchdog: InterruptHandler(limit: nil),
                bytes: nil)
        }
    }

    private init(
        _ parameters: UnsafePointer<AVCodecParameters>?, timeBase: AVRational, input: String,
        options: MediaOptions, threadCount: Int, failure: (Int32) -> MediaError
    ) throws(MediaError) {
        let id = parameters?.pointee.codec_id ?? AV_CODEC_ID_NONE
        codecName = String(cString: avcodec_get_name(id))
        guard let codec = avcodec_find_decoder(id) else {
            throw .unsupportedCodec(
                input: input,
                codec: id == AV_CODEC_ID_NONE
                    ? UnknownCodec.name(tag: parameters?.pointee.codec_tag ?? 0) : codecName)
        }
        context = avcodec_alloc_context3(codec)
        guard let context, avcodec_parameters_to_context(context, parameters) >= 0 else {
            throw .outOfMemory(input: input)
        }
        context.pointee.opaque = UnsafeMutableRawPointer(bitPattern: logID)
        context.pointee.pkt_timebase = timeBase
        context.pointee.max_pixels = Int64(options.pixelLimit)
        context.pointee.thread_count = Int32(clamping: min(max(threadCount, 1), 64))
        // Unlike slice threading, frame threading conceals errors without data races.
        context.pointee.thread_type = FF_THREAD_FRAME
        let code = avcodec_open2(context, codec, nil)
        guard code >= 0 else { throw failure(code) }
    }

    deinit {
        avcodec_free_context(&context)
        LibavLog.unregisterDecoder(logID)
    }

    /// The first error that the decoder logged, on any of its threads.
    var firstError: String? {
        LibavLog.firstError(ofDecoder: logID)
    }

    /// Whether the decoder logged an error or concealed part of a frame, on any of its threads.
    var hasErrors: Bool { firstError != nil || LibavLog.hasConcealed(logID) }

    /// Sends a packet; nil flushes the decoder. Returns libav's code.
    func send(_ packet: UnsafeMutablePointer<AVPacket>?) -> Int32 {
        avcodec_send_packet(context, packet)
    }

    /// Receives the next frame, in presentation order. Returns libav's code.
    func receive(into output: borrowing UniqueAVFrame) -> Int32 {
        output.withFrame { frame in
            let code = avcodec_receive_frame(context, frame)
            if code >= 0 { Self.nameComponents(of: frame) }
            return code
        }
    }

    /// Calls the samples of a frame green, blue and red if its matrix is the identity. libdav1d calls
    /// them luma and chroma unless their transfer function is that of sRGB.
    static func nameComponents(of frame: UnsafeMutablePointer<AVFrame>) {
        let formats = [
            AV_PIX_FMT_YUV444P.rawValue: AV_PIX_FMT_GBRP,
            AV_PIX_FMT_YUVJ444P.rawValue: AV_PIX_FMT_GBRP,
            AV_PIX_FMT_YUV444P10LE.rawValue: AV_PIX_FMT_GBRP10LE,
            AV_PIX_FMT_YUV444P12LE.rawValue: AV_PIX_FMT_GBRP12LE,
        ]
        guard frame.pointee.colorspace == AVCOL_SPC_RGB,
            let format = formats[frame.pointee.format]
        else { return }
        frame.pointee.format = format.rawValue
    }
}
