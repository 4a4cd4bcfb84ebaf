import CFFmpeg
import Frames

/// Encodes frames in memory and decodes them again; owns both codec contexts.
///
/// Source: FFmpeg 5.1, `fftools/ffmpeg.c`, `init_output_stream_encode` and `do_video_out`.
final class RoundTrip: FilterStage {
    let timeBase: AVRational
    let frameRate: AVRational

    private var encoder: UnsafeMutablePointer<AVCodecContext>?
    private var decoder: UnsafeMutablePointer<AVCodecContext>?
    private var packet: UnsafeMutablePointer<AVPacket>?
    private var clock: RoundTripClock

    /// - Throws: `MediaError.filtering` if FFmpeg lacks the encoder or refuses the format.
    init(_ codec: RoundTripCodec, for format: FrameFormat, input: String) throws(MediaError) {
        LibavLog.clear()
        clock = RoundTripClock(format)
        (timeBase, frameRate) = (clock.timeBase, clock.frameRate)
        guard let encoderCodec = avcodec_find_encoder_by_name(codec.encoderName),
            let decoderCodec = avcodec_find_decoder(encoderCodec.pointee.id)
        else {
            throw .filtering(
                input: input, reason: "this FFmpeg has no encoder \(codec.encoderName)")
        }
        packet = av_packet_alloc()
        encoder = avcodec_alloc_context3(encoderCodec)
        decoder = avcodec_alloc_context3(decoderCodec)
        guard packet != nil, let encoder, let decoder else { throw .outOfMemory(input: input) }
        encoder.pointee.width = format.width
        encoder.pointee.height = format.height
        encoder.pointee.pix_fmt = AVPixelFormat(format.pixelFormat)
        encoder.pointee.time_base = timeBase
        encoder.pointee.framerate = frameRate
        encoder.pointee.sample_aspect_ratio = format.pixelAspect
        encoder.pointee.colorspace = format.colorspace
        encoder.pointee.color_range = format.range
        // The encoder's output depends on the number of threads.
        encoder.pointee.thread_count = 1
        codec.configure(encoder)
        var options: OpaquePointer?
        defer { av_dict_free(&options) }
        for (name, value) in codec.options { av_dict_set(&options, name, value, 0) }
        let opened = avcodec_open2(encoder, encoderCodec, &options)
        guard opened >= 0 else { throw .filtering(opened, input: input) }
        let copied = Self.copyParameters(from: encoder, to: decoder)
        guard copied >= 0 else { throw .filtering(copied, input: input) }
        decoder.pointee.pkt_timebase = timeBase
        decoder.pointee.thread_count = 1
        let ready = avcodec_open2(decoder, decoderCodec, nil)
        guard ready >= 0 else { throw .filtering(ready, input: input) }
    }

    deinit {
        avcodec_free_context(&encoder)
        avcodec_free_context(&decoder)
        av_packet_free(&packet)
    }

    func send(_ frame: UnsafeMutablePointer<AVFrame>?) -> Int32 {
        guard let frame else { return avcodec_send_frame(encoder, nil) }
        clock.prepare(frame)
        frame.pointee.quality = encoder?.pointee.global_quality ?? 0
        defer { av_frame_unref(frame) }
        return avcodec_send_frame(encoder, frame)
    }

    func receive(into output: borrowing UniqueAVFrame) -> Int32 {
        while true {
            let code = output.withFrame { avcodec_receive_frame(decoder, $0) }
            if code >= 0 {
                output.withFrame { $0.pointee.pts = $0.pointee.best_effort_timestamp }
                return code
            }
            if code != ganrm_error_again { return code }
            let coded = avcodec_receive_packet(encoder, packet)
            if coded == ganrm_error_eof {
                _ = avcodec_send_packet(decoder, nil)
                continue
            }
            guard coded >= 0 else { return coded }
            defer { av_packet_unref(packet) }
            let sent = avcodec_send_packet(decoder, packet)
            guard sent >= 0 else { return sent }
        }
    }

    private static func copyParameters(
        from encoder: UnsafeMutablePointer<AVCodecContext>,
        to decoder: UnsafeMutablePointer<AVCodecContext>
    ) -> Int32 {
        var parameters = avcodec_parameters_alloc()
        defer { avcodec_parameters_free(&parameters) }
        guard let parameters else { return ganrm_error_memory }
        let code = avcodec_parameters_from_context(parameters, encoder)
        return code < 0 ? code : avcodec_parameters_to_context(decoder, parameters)
    }
}
