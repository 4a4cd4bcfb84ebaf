import Foundation

/// Writes whole lines without buffering, so that an interrupted run keeps the lines that it has
/// written.
public final class LineWriter {
    /// The reading end of the pipe was closed.
    public struct Closed: Error {}

    private let descriptor: CInt
    private let path: String
    private let closesFile: Bool

    /// Writes to standard output.
    public init() {
        descriptor = STDOUT_FILENO
        path = "standard output"
        closesFile = false
    }

    /// Writes to a file, which is truncated to `offset` bytes.
    public init(path: String, offset: Int = 0) throws(FileError) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
        self.path = path
        closesFile = true
        guard descriptor >= 0 else {
            throw .last(.write, path)
        }
        // A pipe or terminal (/dev/stdout) cannot be truncated.
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
        guard ftruncate(descriptor, off_t(offset)) == 0, lseek(descriptor, 0, SEEK_END) >= 0 else {
            throw .last(.write, path)
        }
    }

    deinit {
        if closesFile && descriptor >= 0 { close(descriptor) }
    }

    /// Writes a line and its newline.
    ///
    /// - Throws: `Closed` if the reading end of the pipe was closed; `FileError` for other
    ///   errors, such as a full disk. The file may then end with a part of the line.
    public func write(_ line: String) throws {
        var line = line + "\n"
        try line.withUTF8 { bytes in
            var written = 0
            while written < bytes.count {
                let count = Foundation.write(
                    descriptor, bytes.baseAddress! + written, bytes.count - written)
                if count >= 0 {
                    written += count
                } else if errno == EPIPE {
                    throw Closed()
                } else if errno != EINTR {
                    throw FileError.last(.write, path)
                }
            }
        }
    }
}
