import Foundation

/// Writes whole lines without buffering, so that an interrupted run keeps the lines that it has
/// written.
///
/// A file is locked when it is opened, and changed only when the first line is written, or by
/// `begin`: a run opens its output before it begins to compute. A file that the writer has created
/// and not begun is removed.
public final class LineWriter {
    /// The reading end of the pipe was closed.
    public struct Closed: Error {}

    /// Some network file systems give a file another number each time.
    private static let attemptLimit = 10

    /// -1 after `finish`.
    private var descriptor: CInt
    private let path: String
    /// Whether a file is to be closed.
    private let closesFile: Bool
    /// Whether the file is regular and has not been truncated.
    private var isUntouched = false
    private var isNew = false
    /// Whether whole lines are kept if a line cannot be written; otherwise the file is removed.
    private let isResumable: Bool
    /// Length of the whole lines of a regular file, in bytes; nil for pipes and terminals.
    private var length: off_t?

    /// Writes to standard output.
    public init() {
        descriptor = STDOUT_FILENO
        path = "standard output"
        closesFile = false
        isResumable = true
    }

    /// Opens a file, which is created if it does not exist, and locks it.
    ///
    /// - Parameter isResumable: Whether an incomplete file is of use. If it is not, and a line cannot
    ///   be written, for example because the disk is full, the file is removed.
    /// - Throws: `FileError`, also if another process is writing the file.
    public init(path: String, isResumable: Bool = false) throws(FileError) {
        self.path = path
        self.isResumable = isResumable
        closesFile = true
        for attempt in 0... {
            var descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            let isNew = descriptor >= 0
            if !isNew { descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666) }
            guard descriptor >= 0 else { throw .last(.write, path) }
            // A pipe or terminal (/dev/stdout) can neither be truncated nor has it one writer.
            var status = stat()
            guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                self.descriptor = descriptor
                return
            }
            guard FileLock.lock(descriptor) else {
                defer { close(descriptor) }
                throw .locked(path, by: descriptor)
            }
            // The process that held the lock may just have removed the file.
            guard FileSystem.isSame(path, descriptor) || attempt == Self.attemptLimit else {
                close(descriptor)
                continue
            }
            self.descriptor = descriptor
            self.isNew = isNew
            isUntouched = true
            return
        }
        preconditionFailure("the last attempt returns")
    }

    /// Whether the output is the terminal that `other` is open on.
    package func isTerminal(of other: CInt) -> Bool {
        var (status, otherStatus) = (stat(), stat())
        return isatty(descriptor) == 1 && isatty(other) == 1 && fstat(descriptor, &status) == 0
            && fstat(other, &otherStatus) == 0 && status.st_rdev == otherStatus.st_rdev
    }

    /// Whether another program reads the output.
    package var isPipe: Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
    }

    deinit {
        guard closesFile && descriptor >= 0 else { return }
        if isNew && isUntouched { unlink(path) }
        close(descriptor)
    }

    /// Length of the file in bytes; 0 if it is no regular file.
    public var byteCount: Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return 0 }
        return Int(status.st_size)
    }

    /// Truncates a file to `offset` bytes, unless it has begun; the next line is written there.
    public func begin(at offset: Int = 0) throws(FileError) {
        guard isUntouched else { return }
        guard ftruncate(descriptor, off_t(offset)) == 0, lseek(descriptor, 0, SEEK_END) >= 0 else {
            throw .last(.write, path)
        }
        isUntouched = false
        length = off_t(offset)
    }

    /// Writes a line and its newline.
    ///
    /// - Throws: `Closed` if the reading end of the pipe was closed; `FileError` for other
    ///   errors, such as a full disk. A regular file then ends with the line before, or is removed.
    public func write(_ line: String) throws {
        try write(line, before: "", after: "")
    }

    /// Writes text, a line with its newline, and more text with one system call.
    ///
    /// - Throws: The errors of `write`.
    package func write(_ line: String, before: String, after: String) throws {
        try begin()
        var text = before + line + "\n" + after
        try text.withUTF8 { bytes in
            var written = 0
            while written < bytes.count {
                let count = Foundation.write(
                    descriptor, bytes.baseAddress! + written, bytes.count - written)
                if count >= 0 {
                    written += count
                } else if errno == EPIPE {
                    throw Closed()
                } else if errno != EINTR {
                    let error = FileError.last(.write, path)
                    discardPart()
                    throw error
                }
            }
            length? += off_t(bytes.count)
        }
    }

    /// Closes the file. Where the disk is another machine's or has a quota, only this may say that
    /// lines were lost.
    ///
    /// - Throws: `FileError`; a file that is not resumable is removed.
    public func finish() throws(FileError) {
        guard closesFile, descriptor >= 0 else { return }
        let file = descriptor
        let isWritten = !(isNew && isUntouched)
        if !isWritten { unlink(path) }
        descriptor = -1
        guard close(file) != 0, errno != EINTR, isWritten else { return }
        let error = FileError.last(.write, path)
        if !isResumable, length != nil { unlink(path) }
        throw error
    }

    /// Removes the part of a line that was written before an error, or the file.
    private func discardPart() {
        guard let length else { return }
        if isResumable {
            _ = ftruncate(descriptor, length)
        } else {
            unlink(path)
        }
    }
}
