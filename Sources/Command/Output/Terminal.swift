import Files
import Foundation
import TextFormats

/// Messages and progress on standard error; results are never written there.
enum Terminal {
    /// Whether standard error is a terminal, on which a line can be rewritten.
    static let isInteractive = isatty(STDERR_FILENO) == 1

    /// Whether rows and messages are shown on one terminal, so that a message would repeat a row.
    static func shows(_ writer: LineWriter) -> Bool { isInteractive && writer.isTerminal }

    /// Opens `/dev/null` for closed standard streams. Otherwise the next opened file would get such a
    /// descriptor, and messages would be written to it.
    static func openMissingStandardStreams() {
        for stream in STDIN_FILENO...STDERR_FILENO
        where fcntl(stream, F_GETFD) < 0 && errno == EBADF {
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// Prints a message of one line. Control characters, which may come from names of files and
    /// servers, are escaped.
    static func printMessage(_ message: String) {
        write(DisplayText.line(message) + "\n")
    }

    /// Prints text of several lines, such as usage.
    static func printText(_ text: String) {
        write(DisplayText.block(text) + "\n")
    }

    /// Rewrites the current line.
    static func show(_ line: String) {
        write("\r\u{1b}[K\(line)")
    }

    static func clear() {
        show("")
    }

    /// Ignores write errors: a message is no reason to stop if its reader has exited or the disk is
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
