import Foundation

/// What people see on standard error; results never go there.
enum Terminal {
    /// Whether standard error is a terminal, on which a line can be rewritten.
    static let isInteractive = isatty(STDERR_FILENO) == 1

    static func complain(_ message: String) {
        FileHandle.standardError.write(Data((message + "\n").utf8))
    }

    /// Rewrites the last line.
    static func show(_ line: String) {
        FileHandle.standardError.write(Data("\r\u{1b}[K\(line)".utf8))
    }

    static func clear() {
        show("")
    }
}
