import CFFmpeg
import Files
import Frames

/// An open container that reads the packets of its best video stream.
///
/// Owns one packet, which is reused.
final class Demuxer {
    /// The input as the user wrote it, for error messages.
    let input: String
    let options: MediaOptions
    let container: OpenContainer
    /// The chosen stream; lives as long as the demuxer.
    let stream: UnsafeMutablePointer<AVStream>
    /// Byte offset of the last packet in the file, if the demuxer reports it.
    private(set) var packetStart: Int64?
    /// Byte offset of the end of the last packet in the file, if the demuxer reports it.
    private(set) var packetEnd: Int64?
    private let watchdog: InterruptHandler
    private let isStream: Bool
    private let packet: UnsafeMutablePointer<AVPacket>

    /// Opens the input and finds its video stream.
    ///
    /// - Parameter bytes: The source's bytes, if they are open.
    init(
        _ source: InputSource, options: MediaOptions, bytes: ByteStream? = nil
    ) throws(MediaError) {
        LibavLog.install()
        LibavLog.clear()
        input = source.description
        self.options = options
        if let problem = options.problem { throw .invalidOption(input: input, reason: problem) }
        isStream = source.isStream
        let bytes =
            if let bytes { bytes } else { try ByteStream.open(source, options: options) }
        watchdog = bytes?.watchdog ?? InterruptHandler(limit: nil)
        let opener = ContainerOpener(input: input, options: options, watchdog: watchdog)
        (container, stream) = try opener.open(source, bytes)
        guard let packet = av_packet_alloc() else { throw .outOfMemory(input: input) }
        self.packet = packet
        try checkLimits()
    }

    deinit {
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        av_packet_free(&packet)
    }

    private func checkLimits() throws(MediaError) {
        let parameters = stream.pointee.codecpar.pointee
        let width = Int(parameters.width)
        let height = Int(parameters.height)
        if width > 0, height > 0, width * height > options.pixelLimit {
            throw .tooManyPixels(
                input: input, width: width, height: height, limit: options.pixelLimit)
        }
        // libav would take the last memory for a frame, and the process would end at the next small
        // allocation. A frame of at most 4 bytes per pixel, and one more to convert it.
        guard Memory.isAvailable(Checked.product(8, max(width, 0), max(height, 0))) else {
            throw .outOfMemory(input: input)
        }
        if let limit = options.durationLimit, let seconds = durationSeconds, seconds > limit {
            throw .tooLong(input: input, seconds: seconds, limit: limit)
        }
    }

    /// FFmpeg's name of the container.
    var formatName: String { String(cString: container.context.pointee.iformat.pointee.name) }

    /// Brand of an mp4-like file, e.g. `isom` or `avif`.
    var majorBrand: String? {
        let metadata = container.context.pointee.metadata
        guard let entry = av_dict_get(metadata, "major_brand", nil, 0) else { return nil }
        return String(cString: entry.pointee.value)
    }

    /// Whether a recording in this format may start and be joined at any point, such as a transport
    /// stream: frames before its first complete one are no damage.
    var startsAnywhere: Bool {
        let flags = container.context.pointee.iformat.pointee.flags
        return flags & (AVFMT_TS_DISCONT | AVFMT_NOTIMESTAMPS) != 0
    }

    /// Duration that the container declares, in seconds.
    var durationSeconds: Double? {
        let streamTicks = stream.pointee.duration
        if streamTicks != ganrm_no_pts && streamTicks > 0 { return seconds(streamTicks) }
        let ticks = container.context.pointee.duration
        return ticks != ganrm_no_pts && ticks > 0 ? Double(ticks) / Double(AV_TIME_BASE) : nil
    }

    /// Whether the input is a live stream of unknown length: a pipe, or a URL without a duration.
    var isLive: Bool { isStream && (container.bytes?.isPipe == true || durationSeconds == nil) }

    /// Average frames per second, as FFmpeg guesses it from the container and the first packets.
    var frameRate: Double? {
        let rate = guessedFrameRate
        return rate.num > 0 && rate.den > 0 ? Double(rate.num) / Double(rate.den) : nil
    }

    /// `frameRate` as a rational; 0/1 if unknown.
    var guessedFrameRate: AVRational { av_guess_frame_rate(container.context, stream, nil) }

    /// The shape of a frame's pixels: that of the container, else that of the stream, as in the
    /// `ffmpeg` command.
    ///
    /// - Returns: 0/1 if it is unknown or out of range.
    func pixelAspect(of frame: UnsafeMutablePointer<AVFrame>) -> AVRational {
        let ratio = av_guess_sample_aspect_ratio(container.context, stream, frame)
        return PixelAspect.isValid(ratio) ? ratio : AVRational(num: 0, den: 1)
    }

    /// Converts ticks of the stream's time base to seconds.
    func seconds(_ ticks: Int64) -> Double {
        let base = stream.pointee.time_base
        return Double(ticks) * Double(base.num) / Double(base.den)
    }

    /// The result of one attempt to read a packet.
    enum Reading {
        case packet
        case end
        /// A libav error code; a later read may still succeed.
        case failure(Int32)
    }

    /// Reads the next packet of the video stream and lends it to `body`; it must not escape.
    func read(_ body: (UnsafeMutablePointer<AVPacket>) -> Void) -> Reading {
        while true {
            // The time between two calls does not count towards the input's time-out.
            watchdog.restart()
            if watchdog.shouldInterrupt { return .failure(ganrm_error_exit) }
            let code = av_read_frame(container.context, packet)
            if code == ganrm_error_eof { return .end }
            if code == ganrm_error_again { continue }
            guard code >= 0 else { return .failure(code) }
            defer { av_packet_unref(packet) }
            // libav returns a packet even if the interruption cut it off.
            if watchdog.wasInterrupted { return .failure(ganrm_error_exit) }
            guard packet.pointee.stream_index == stream.pointee.index else { continue }
            let position = packet.pointee.pos
            packetStart = position >= 0 ? position : nil
            packetEnd = position >= 0 ? position + Int64(packet.pointee.size) : nil
            body(packet)
            return .packet
        }
    }

    /// Whether a packet is a header of Theora rather than a frame: joined Ogg files repeat them.
    func isHeader(_ packet: UnsafeMutablePointer<AVPacket>) -> Bool {
        stream.pointee.codecpar.pointee.codec_id == AV_CODEC_ID_THEORA
            && (packet.pointee.data?.pointee ?? 0) & 0x80 != 0
    }

    /// Converts a libav error code to a `MediaError`.
    ///
    /// - Parameters:
    ///   - framesRead: Frames decoded before the error.
    ///   - log: The decoder's error message, if there is one.
    func failure(_ code: Int32, framesRead: Int, log: String? = nil) -> MediaError {
        .reading(
            code, input: input, options: options, watchdog: watchdog, bytes: container.bytes,
            framesRead: framesRead, log: log)
    }
}
