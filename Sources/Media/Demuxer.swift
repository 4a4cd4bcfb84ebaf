import CFFmpeg
import Frames

/// An opened container and the packets of its best video stream.
///
/// Owns what libav allocates for it: format context, byte stream, one packet that is used again and again.
final class Demuxer {
    /// What the user calls the input.
    let input: String
    let options: MediaOptions
    let watchdog: Watchdog
    let isStream: Bool
    /// Closed after `context`, which reads from it; nil for picture sequences.
    var bytes: ByteStream?
    var context: UnsafeMutablePointer<AVFormatContext>?
    var streamIndex = -1
    /// Where the last packet ends in the file, if the demuxer tells.
    private(set) var packetEnd: Int64?
    private var packet: UnsafeMutablePointer<AVPacket>?

    /// Opens the input and finds its video stream.
    init(_ source: InputSource, options: MediaOptions) throws(MediaError) {
        LibavLog.install()
        LibavLog.clear()
        input = source.description
        self.options = options
        isStream = source.isStream
        let patience = options.timeoutSeconds ?? (source.isAddress ? 30 : nil)
        watchdog = Watchdog(limit: isStream ? patience : nil)
        packet = av_packet_alloc()
        guard packet != nil else { throw .outOfMemory(input: input) }
        try open(source)
        try chooseStream()
    }

    deinit {
        av_packet_free(&packet)
        avformat_close_input(&context)
    }

    /// The chosen stream; lives as long as the demuxer.
    var stream: UnsafeMutablePointer<AVStream> {
        guard let context, let stream = context.pointee.streams[streamIndex] else {
            preconditionFailure("the demuxer is open")
        }
        return stream
    }

    /// FFmpeg's name of the container.
    var formatName: String {
        context.flatMap { $0.pointee.iformat }.map { String(cString: $0.pointee.name) } ?? ""
    }

    /// Brand of an mp4-like file, e.g. `isom` or `avif`.
    var majorBrand: String? {
        guard let context, let entry = av_dict_get(context.pointee.metadata, "major_brand", nil, 0)
        else { return nil }
        return String(cString: entry.pointee.value)
    }

    /// Length that the container promises, in seconds.
    var durationSeconds: Double? {
        guard let context else { return nil }
        let own = stream.pointee.duration
        if own != ganrm_no_pts && own > 0 { return seconds(own) }
        let whole = context.pointee.duration
        return whole != ganrm_no_pts && whole > 0 ? Double(whole) / Double(AV_TIME_BASE) : nil
    }

    /// Whether frames come when somebody sends them and nobody knows how many: pipes, and addresses without
    /// a length.
    var isLive: Bool { isStream && (bytes?.isPipe == true || durationSeconds == nil) }

    /// Average frames per second, as FFmpeg guesses it from the container and the first packets.
    var frameRate: Double? {
        let rate = guessedFrameRate
        return rate.num > 0 && rate.den > 0 ? Double(rate.num) / Double(rate.den) : nil
    }

    /// `frameRate` as FFmpeg has it; 0/1 if unknown.
    var guessedFrameRate: AVRational { av_guess_frame_rate(context, stream, nil) }

    /// Ticks of the stream's time base as seconds.
    func seconds(_ ticks: Int64) -> Double {
        let base = stream.pointee.time_base
        return Double(ticks) * Double(base.num) / Double(base.den)
    }

    /// How one attempt to read ended.
    enum Reading {
        case packet
        case end
        /// libav's error number; the data may go on behind it or not.
        case failure(Int32)
    }

    /// Reads the next packet of the video stream and lends it to `body`; the packet must not leave it.
    func read(_ body: (UnsafeMutablePointer<AVPacket>) -> Void) -> Reading {
        guard let context, let packet else { return .end }
        while true {
            // What the caller did in the meantime is no silence of the input's.
            watchdog.restart()
            if watchdog.barks { return .failure(ganrm_error_exit) }
            let code = av_read_frame(context, packet)
            if code == ganrm_error_eof { return .end }
            if code == ganrm_error_again { continue }
            guard code >= 0 else { return .failure(code) }
            defer { av_packet_unref(packet) }
            // Of what was cut off in its middle libav makes a packet all the same.
            if watchdog.hasBarked { return .failure(ganrm_error_exit) }
            guard Int(packet.pointee.stream_index) == streamIndex else { continue }
            let position = packet.pointee.pos
            packetEnd = position >= 0 ? position + Int64(packet.pointee.size) : nil
            body(packet)
            return .packet
        }
    }

    /// The error that a failed call of libav amounts to.
    ///
    /// - Parameters:
    ///   - framesRead: Frames that came before it.
    ///   - log: What the decoder says, if it is known.
    func failure(_ code: Int32, framesRead: Int, log: String? = nil) -> MediaError {
        if code == ganrm_error_exit {
            return watchdog.hasTimedOut && !MediaInterruption.isRequested
                ? .timedOut(input: input, seconds: watchdog.limit ?? 0)
                : .interrupted(input: input)
        }
        if code == ganrm_error_memory { return .outOfMemory(input: input) }
        let reason = log ?? LibavLog.firstError() ?? libavMessage(code)
        let cannotSeek = bytes.map { $0.context.pointee.seekable == 0 } ?? false
        if reason == "moov atom not found"
            || (framesRead == 0 && cannotSeek && reason.hasSuffix(": partial file"))
        {
            return cannotSeek ? .indexAtEnd(input: input) : .indexMissing(input: input)
        }
        if let size = Self.refusedSize(in: reason) {
            return .tooManyPixels(
                input: input, width: size.width, height: size.height, limit: options.pixelLimit)
        }
        return .damaged(input: input, framesRead: framesRead, reason: reason)
    }

    /// The size in libav's message `Picture size 99999x99999 is invalid` or `… exceeds specified max pixel
    /// count`, which is all that it tells when a decoder meets `max_pixels`.
    private static func refusedSize(in message: String) -> (width: Int, height: Int)? {
        let words = message.split(separator: " ")
        guard words.count > 3, words[0] == "Picture", words[1] == "size",
            words[3] == "is" || words[3] == "exceeds"
        else { return nil }
        let numbers = words[2].split(separator: "x").compactMap { Int($0) }
        guard numbers.count == 2, numbers[0] > 0, numbers[1] > 0 else { return nil }
        return (numbers[0], numbers[1])
    }
}
