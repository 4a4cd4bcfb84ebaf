import CFFmpeg
import Glibc
import Synchronization

/// Keeps libav's messages off the terminal and remembers the first error of each thread, which says
/// more than an error number.
///
/// From the first reader on, libav's log of the whole process ends here: libav has one log callback.
enum LibavLog {
    private static let firstErrors = Mutex<[UInt: String]>([:])

    private static let installed: Void = av_log_set_callback { context, level, format, arguments in
        guard level <= AV_LOG_ERROR, let format, let arguments else { return }
        LibavLog.keep(context, level, format, arguments)
    }

    static func install() {
        _ = installed
    }

    /// Forgets what this thread has logged so far.
    static func clear() {
        let thread = UInt(pthread_self())
        firstErrors.withLock { _ = $0.removeValue(forKey: thread) }
    }

    /// The first error that this thread has logged since `clear()`, without trailing newline.
    static func firstError() -> String? {
        let thread = UInt(pthread_self())
        return firstErrors.withLock { $0[thread] }
    }

    private static func keep(
        _ context: UnsafeMutableRawPointer?, _ level: Int32, _ format: UnsafePointer<CChar>,
        _ arguments: CVaListPointer
    ) {
        let thread = UInt(pthread_self())
        firstErrors.withLock { errors in
            guard errors[thread] == nil else { return }
            // Decoders' threads come and go and never ask; do not grow for them.
            if errors.count >= 256 { errors.removeAll() }
            var prefix: Int32 = 0
            let line = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
                _ = av_log_format_line2(
                    nil, level, format, arguments, buffer.baseAddress, Int32(buffer.count), &prefix)
                buffer[buffer.count - 1] = 0
                return buffer.baseAddress.map { String(cString: $0) } ?? ""
            }
            let trimmed = line.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
            if !trimmed.isEmpty { errors[thread] = trimmed }
        }
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
