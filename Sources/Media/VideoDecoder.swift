import CFFmpeg
import Frames

/// A stream's decoder; owns its `AVCodecContext`.
final class VideoDecoder {
    private var context: UnsafeMutablePointer<AVCodecContext>?
    let codecName: String
    /// Under which its messages are kept.
    private let logNumber = LibavLog.watchDecoder()

    /// - Parameter demuxer: Borrowed during the call only.
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
        context.pointee.opaque = UnsafeMutableRawPointer(bitPattern: logNumber)
        context.pointee.pkt_timebase = demuxer.stream.pointee.time_base
        context.pointee.max_pixels = Int64(demuxer.options.pixelLimit)
        context.pointee.thread_count = Int32(clamping: min(max(threadCount, 1), 64))
        // Of the two kinds only frame threads conceal errors without data races.
        context.pointee.thread_type = FF_THREAD_FRAME
        let code = avcodec_open2(context, codec, nil)
        guard code >= 0 else { throw demuxer.failure(code, framesRead: 0) }
    }

    deinit {
        avcodec_free_context(&context)
        LibavLog.forgetDecoder(logNumber)
    }

    /// The first error that it has logged, on any of its threads.
    var firstError: String? {
        LibavLog.firstError(ofDecoder: logNumber)
    }

    /// Whether it met damage, on any of its threads: an error, or a picture that it completed by guess.
    var hasMetDamage: Bool { firstError != nil || LibavLog.hasConcealed(logNumber) }

    /// Hands a packet over; nil: there are no more. Returns libav's code.
    func send(_ packet: UnsafeMutablePointer<AVPacket>?) -> Int32 {
        avcodec_send_packet(context, packet)
    }

    /// Takes the next frame, in presentation order. Returns libav's code.
    func receive(into picture: borrowing Picture) -> Int32 {
        picture.withFrame { avcodec_receive_frame(context, $0) }
    }
}
