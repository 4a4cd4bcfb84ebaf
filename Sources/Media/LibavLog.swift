import CFFmpeg
import Glibc
import Synchronization

/// Keeps libav's messages off the terminal, and records the first error of each thread and of each
/// decoder, which is more specific than an error code.
///
/// From the first reader on this captures the log of the whole process: libav has one global log
/// callback.
enum LibavLog {
    private struct Errors {
        var byThread: [UInt: String] = [:]
        /// Keyed by the ID in a decoder's `opaque` field; an empty string means no error so far.
        var byDecoder: [UInt: String] = [:]
        /// Decoders that concealed errors or missing parts of a frame, which some log below the error
        /// level.
        var concealing: Set<UInt> = []
        /// Threads on which the Matroska demuxer met the end of the file inside an element.
        var endedPrematurely: Set<UInt> = []
        /// Names of video codecs that the Matroska demuxer does not know, by thread.
        var unknownCodecs: [UInt: String] = [:]
        var lastDecoderID: UInt = 0
    }

    private static let errors = Mutex(Errors())

    private static let installed: Void = av_log_set_callback { context, level, format, arguments in
        guard level <= AV_LOG_INFO, let format, let arguments else { return }
        if level > AV_LOG_ERROR {
            // The decoders of MPEG-4 and H.264, and of progressive JPEG without some of its scans.
            if strncmp(format, "concealing", 10) == 0
                || strcmp(format, "component %d is incomplete\n") == 0
            {
                LibavLog.noteConcealment(context)
            }
            if strncmp(format, "Unknown/unsupported AVCodecID %s", 32) == 0 {
                LibavLog.noteUnknownCodec(level, format, arguments)
            }
            return
        }
        LibavLog.keep(context, level, format, arguments)
    }

    static func install() {
        _ = installed
    }

    /// Clears the error of the current thread.
    static func clear() {
        let thread = UInt(pthread_self())
        errors.withLock { errors in
            errors.byThread[thread] = nil
            errors.endedPrematurely.remove(thread)
            errors.unknownCodecs[thread] = nil
        }
    }

    /// Whether a demuxer of the current thread met the end of its input inside an element since
    /// `clear()`; it returns the same code as at a regular end.
    static var hasEndedPrematurely: Bool {
        let thread = UInt(pthread_self())
        return errors.withLock { $0.endedPrematurely.contains(thread) }
    }

    /// The first video codec that the Matroska demuxer of the current thread did not know since
    /// `clear()`, such as `V_REAL/RV60`.
    static var unknownCodec: String? {
        let thread = UInt(pthread_self())
        return errors.withLock { $0.unknownCodecs[thread] }
    }

    private static func noteUnknownCodec(
        _ level: Int32, _ format: UnsafePointer<CChar>, _ arguments: CVaListPointer
    ) {
        let thread = UInt(pthread_self())
        guard let name = text(level, format, arguments)?.split(separator: " ").last,
            name.hasPrefix("V_")
        else { return }
        errors.withLock { errors in
            if errors.unknownCodecs.count >= 256 { errors.unknownCodecs.removeAll() }
            // The message ends with a full stop.
            errors.unknownCodecs[thread] =
                errors.unknownCodecs[thread] ?? String(name.hasSuffix(".") ? name.dropLast() : name)
        }
    }

    /// The first error that the current thread has logged since `clear()`.
    static func firstError() -> String? {
        let thread = UInt(pthread_self())
        return errors.withLock { $0.byThread[thread] }
    }

    /// Starts to record the errors of a decoder, on any of its threads.
    ///
    /// - Returns: The ID for its `opaque` field. It is never dereferenced, since other decoders in
    ///   the process may store anything there.
    static func registerDecoder() -> UInt {
        errors.withLock { errors in
            errors.lastDecoderID += 1
            errors.byDecoder[errors.lastDecoderID] = ""
            return errors.lastDecoderID
        }
    }

    static func unregisterDecoder(_ id: UInt) {
        errors.withLock { errors in
            errors.byDecoder[id] = nil
            errors.concealing.remove(id)
        }
    }

    /// Whether a watched decoder has concealed errors, on any of its threads.
    static func hasConcealed(_ id: UInt) -> Bool {
        errors.withLock { $0.concealing.contains(id) }
    }

    private static func noteConcealment(_ context: UnsafeMutableRawPointer?) {
        guard let id = context.flatMap(decoderID) else { return }
        errors.withLock { errors in
            if errors.byDecoder[id] != nil { errors.concealing.insert(id) }
        }
    }

    /// The first error that a watched decoder has logged.
    static func firstError(ofDecoder id: UInt) -> String? {
        errors.withLock { errors in
            guard let line = errors.byDecoder[id], !line.isEmpty else { return nil }
            return line
        }
    }

    private static func keep(
        _ context: UnsafeMutableRawPointer?, _ level: Int32, _ format: UnsafePointer<CChar>,
        _ arguments: CVaListPointer
    ) {
        let thread = UInt(pthread_self())
        let decoder = context.flatMap(decoderID)
        let isPrematureEnd = strncmp(format, "File ended prematurely", 22) == 0
        errors.withLock { errors in
            if isPrematureEnd { errors.endedPrematurely.insert(thread) }
            let isFirstOfDecoder = decoder.flatMap { errors.byDecoder[$0] } == ""
            guard errors.byThread[thread] == nil || isFirstOfDecoder else { return }
            guard let line = text(level, format, arguments) else { return }
            if let decoder, isFirstOfDecoder { errors.byDecoder[decoder] = line }
            // Decoder threads come and go and never query their errors, so the table is bounded.
            if errors.byThread.count >= 256 { errors.byThread.removeAll() }
            errors.byThread[thread] = errors.byThread[thread] ?? line
        }
    }

    /// The ID in a decoder's `opaque` field; nil if the context is not a decoder.
    private static func decoderID(_ context: UnsafeMutableRawPointer) -> UInt? {
        guard context.load(as: UnsafePointer<AVClass>?.self) == avcodec_get_class() else {
            return nil
        }
        let opaque = context.assumingMemoryBound(to: AVCodecContext.self).pointee.opaque
        return opaque.map { UInt(bitPattern: $0) }
    }

    /// The message's first line, without prefix; nil if it is empty.
    private static func text(
        _ level: Int32, _ format: UnsafePointer<CChar>, _ arguments: CVaListPointer
    ) -> String? {
        var prefix: Int32 = 0
        let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
            buffer.initialize(repeating: 0)
            _ = av_log_format_line2(
                nil, level, format, arguments, buffer.baseAddress, Int32(buffer.count), &prefix)
            return buffer.baseAddress.map { String(cString: $0) } ?? ""
        }
        return text.split(whereSeparator: \.isNewline).first.map(String.init)
    }
}

/// libav's description of an error code.
func libavMessage(_ code: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        guard let base = buffer.baseAddress else { return "error \(code)" }
        av_strerror(code, base, buffer.count)
        return String(cString: base)
    }
}
