import Foundation

/// What people see on standard error; results never go there.
enum Terminal {
    /// Whether standard error is a terminal, on which a line can be rewritten.
    static let isInteractive = isatty(STDERR_FILENO) == 1

    /// Opens `/dev/null` in place of standard streams that are closed: else the next file that is opened
    /// would be one of them, and messages would land in it.
    static func occupyStandardStreams() {
        for stream in STDIN_FILENO...STDERR_FILENO
        where fcntl(stream, F_GETFD) < 0 && errno == EBADF {
            _ = open("/dev/null", O_RDWR)
        }
    }

    static func complain(_ message: String) {
        write(message + "\n")
    }

    /// Rewrites the last line.
    static func show(_ line: String) {
        write("\r\u{1b}[K\(line)")
    }

    static func clear() {
        show("")
    }

    /// A message that cannot be written is no reason to stop: the reader may have gone, the disk may be
    /// full.
    private static func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Foundation.write(STDERR_FILENO, rest.baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }
}
