import CFFmpeg
import Frames

/// A stream's decoder; owns its `AVCodecContext`.
final class VideoDecoder {
    private var context: UnsafeMutablePointer<AVCodecContext>?
    let codecName: String
    /// Key of this decoder's messages in `LibavLog`.
    private let logID = LibavLog.registerDecoder()

    /// - Parameter demuxer: Borrowed for the duration of the call.
    init(for demuxer: Demuxer, threadCount: Int) throws(MediaError) {
        let parameters = demuxer.stream.pointee.codecpar
        let id = parameters?.pointee.codec_id ?? AV_CODEC_ID_NONE
        codecName = String(cString: avcodec_get_name(id))
        guard let codec = avcodec_find_decoder(id) else {
            throw .unsupportedCodec(input: demuxer.input, codec: codecName)
        }
        context = avcodec_alloc_context3(codec)
        guard let context, avcodec_parameters_to_context(context, parameters) >= 0 else {
            throw .outOfMemory(input: demuxer.input)
        }
        context.pointee.opaque = UnsafeMutableRawPointer(bitPattern: logID)
        context.pointee.pkt_timebase = demuxer.stream.pointee.time_base
        context.pointee.max_pixels = Int64(demuxer.options.pixelLimit)
        context.pointee.thread_count = Int32(clamping: min(max(threadCount, 1), 64))
        // Unlike slice threading, frame threading conceals errors without data races.
        context.pointee.thread_type = FF_THREAD_FRAME
        let code = avcodec_open2(context, codec, nil)
        guard code >= 0 else { throw demuxer.failure(code, framesRead: 0) }
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
        output.withFrame { avcodec_receive_frame(context, $0) }
    }
}
