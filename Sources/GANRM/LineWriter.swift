import Foundation

/// Writes whole lines, each at once and unbuffered: what was reported is on disk or in the pipe.
public final class LineWriter {
    /// The reader at the other end of the pipe went away.
    public struct Closed: Error {}

    private let file: Int32
    private let path: String
    private let closesFile: Bool

    /// Writes to standard output.
    public init() {
        file = STDOUT_FILENO
        path = "standard output"
        closesFile = false
    }

    /// Writes to a file, from `offset` on; what stood behind it is cut off.
    ///
    /// - Throws: `GANRMError.unwritable`.
    public init(path: String, offset: Int = 0) throws(GANRMError) {
        file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
        self.path = path
        closesFile = true
        guard file >= 0 else {
            throw .unwritable(path: path, reason: String(cString: strerror(errno)))
        }
        // A pipe or terminal (/dev/stdout) has no length to cut.
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
        guard ftruncate(file, off_t(offset)) == 0, lseek(file, 0, SEEK_END) >= 0 else {
            throw .unwritable(path: path, reason: String(cString: strerror(errno)))
        }
    }

    /// Writes to what a user names for results.
    ///
    /// - Parameters:
    ///   - output: A file; nil and `-` are standard output.
    ///   - overwrites: Whether a file that holds results is written to.
    ///   - offset: What stands before it is kept.
    /// - Throws: `GANRMError.outputExists`, `.unwritable`.
    public convenience init(
        output: String?, overwrites: Bool, offset: Int = 0
    ) throws(GANRMError) {
        guard let output, output != "-" else {
            self.init()
            return
        }
        if !overwrites, Self.holdsResults(output) { throw .outputExists(path: output) }
        try self.init(path: output, offset: offset)
    }

    /// Whether a file is there and not empty.
    private static func holdsResults(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_size > 0
    }

    deinit {
        if closesFile && file >= 0 { close(file) }
    }

    /// - Throws: `Closed` if nobody reads any more, `GANRMError.unwritable` for a full disk and
    ///   its like; a part of the line may then stand in the file, without its newline.
    public func write(_ line: String) throws {
        var line = line + "\n"
        try line.withUTF8 { bytes in
            var written = 0
            while written < bytes.count {
                let count = Foundation.write(
                    file, bytes.baseAddress! + written, bytes.count - written)
                if count >= 0 {
                    written += count
                } else if errno == EPIPE {
                    throw Closed()
                } else if errno != EINTR {
                    throw GANRMError.unwritable(
                        path: path, reason: String(cString: strerror(errno)))
                }
            }
        }
    }
}
