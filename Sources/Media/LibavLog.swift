import CFFmpeg
import Glibc
import Synchronization

/// Keeps libav's messages off the terminal and remembers the first error of each thread and of each
/// decoder, which says more than an error number.
///
/// From the first reader on, libav's log of the whole process ends here: libav has one log callback.
enum LibavLog {
    private struct Errors {
        var byThread: [UInt: String] = [:]
        /// By the number that a decoder carries in its `opaque` field; empty: none so far.
        var byDecoder: [UInt: String] = [:]
        /// Decoders that had to make up parts of a picture, which some say without an error.
        var concealing: Set<UInt> = []
        var lastDecoder: UInt = 0
    }

    private static let errors = Mutex(Errors())

    private static let installed: Void = av_log_set_callback { context, level, format, arguments in
        guard level <= AV_LOG_INFO, let format, let arguments else { return }
        if level > AV_LOG_ERROR {
            if strncmp(format, "concealing", 10) == 0 { LibavLog.noteConcealment(context) }
            return
        }
        LibavLog.keep(context, level, format, arguments)
    }

    static func install() {
        _ = installed
    }

    /// Forgets what this thread has logged so far.
    static func clear() {
        let thread = UInt(pthread_self())
        errors.withLock { _ = $0.byThread.removeValue(forKey: thread) }
    }

    /// The first error that this thread has logged since `clear()`.
    static func firstError() -> String? {
        let thread = UInt(pthread_self())
        return errors.withLock { $0.byThread[thread] }
    }

    /// Begins to listen to a decoder, whatever threads it works with.
    ///
    /// - Returns: What goes into its `opaque` field. A number, never followed as a pointer: other
    ///   decoders of the process carry what they like there.
    static func watchDecoder() -> UInt {
        errors.withLock { errors in
            errors.lastDecoder += 1
            errors.byDecoder[errors.lastDecoder] = ""
            return errors.lastDecoder
        }
    }

    static func forgetDecoder(_ number: UInt) {
        errors.withLock { errors in
            errors.byDecoder[number] = nil
            errors.concealing.remove(number)
        }
    }

    /// Whether a watched decoder has made up parts of a picture, on any of its threads.
    static func hasConcealed(_ number: UInt) -> Bool {
        errors.withLock { $0.concealing.contains(number) }
    }

    private static func noteConcealment(_ context: UnsafeMutableRawPointer?) {
        guard let number = context.flatMap(decoderNumber) else { return }
        errors.withLock { errors in
            if errors.byDecoder[number] != nil { errors.concealing.insert(number) }
        }
    }

    /// The first error that a watched decoder has logged.
    static func firstError(ofDecoder number: UInt) -> String? {
        errors.withLock { errors in
            guard let line = errors.byDecoder[number], !line.isEmpty else { return nil }
            return line
        }
    }

    private static func keep(
        _ context: UnsafeMutableRawPointer?, _ level: Int32, _ format: UnsafePointer<CChar>,
        _ arguments: CVaListPointer
    ) {
        let thread = UInt(pthread_self())
        let decoder = context.flatMap(decoderNumber)
        errors.withLock { errors in
            let isFirstOfDecoder = decoder.flatMap { errors.byDecoder[$0] } == ""
            guard errors.byThread[thread] == nil || isFirstOfDecoder else { return }
            guard let line = text(level, format, arguments) else { return }
            if let decoder, isFirstOfDecoder { errors.byDecoder[decoder] = line }
            // Decoders' threads come and go and never ask; do not grow for them.
            if errors.byThread.count >= 256 { errors.byThread.removeAll() }
            errors.byThread[thread] = errors.byThread[thread] ?? line
        }
    }

    /// What a decoder carries in `opaque`; nil if the context is no decoder.
    private static func decoderNumber(_ context: UnsafeMutableRawPointer) -> UInt? {
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

/// libav's sentence for an error number.
func libavMessage(_ code: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        guard let base = buffer.baseAddress else { return "error \(code)" }
        av_strerror(code, base, buffer.count)
        return String(cString: base)
    }
}
