import Foundation

/// Writes whole lines without buffering, so that an interrupted run keeps the lines that it has
/// written.
///
/// A file is locked when it is opened, and changed only when the first line is written, or by
/// `begin`: a run opens its output before it begins to compute.
///
/// - A resumable file is written in place. One that the writer has created and not begun is removed.
/// - Any other is written beside its path, and replaces the file there when it is finished, so that
///   a part of it never has its name.
public final class LineWriter {
    /// The reading end of the pipe was closed.
    public struct Closed: Error {}

    /// Some network file systems give a file another number each time.
    private static let attemptLimit = 10

    /// -1 after `finish`, and before `begin` if the file is written beside its path.
    private var descriptor: CInt
    private let path: String
    /// The file beside `path`; nil if the output is written in place.
    private var replacement: Replacement?
    /// Whether a file is to be closed.
    private let closesFile: Bool
    /// Whether the file is regular and has not been truncated.
    private var isUntouched = false
    private var isNew = false
    /// Length of the whole lines of a regular file, in bytes; nil for pipes and terminals.
    private var length: off_t?

    /// Writes to standard output.
    public init() {
        descriptor = STDOUT_FILENO
        path = "standard output"
        closesFile = false
    }

    /// Opens a file, which is created if it does not exist, and locks it.
    ///
    /// - Parameter isResumable: Whether an incomplete file is of use. If it is not, the file at `path`
    ///   is replaced by `finish`, and stays as it is without.
    /// - Throws: `FileError`, also if another process is writing the file.
    public init(path: String, isResumable: Bool = false) throws(FileError) {
        self.path = path
        closesFile = true
        if !isResumable, let replacement = try Replacement(of: path) {
            self.replacement = replacement
            descriptor = -1
            isUntouched = true
            return
        }
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
        if let replacement {
            replacement.discard()
        } else if isNew && isUntouched {
            unlink(path)
        }
        close(descriptor)
    }

    /// Length of the file in bytes; 0 if it is no regular file. One that is to be replaced counts until
    /// it is.
    public var byteCount: Int {
        if replacement != nil { return FileSystem.byteCount(path) ?? 0 }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return 0 }
        return Int(status.st_size)
    }

    /// Truncates a file to `offset` bytes, unless it has begun; the next line is written there.
    public func begin(at offset: Int = 0) throws(FileError) {
        guard isUntouched else { return }
        if let replacement {
            descriptor = try replacement.open()
            isUntouched = false
            return
        }
        guard ftruncate(descriptor, off_t(offset)) == 0, lseek(descriptor, 0, SEEK_END) >= 0 else {
            throw .last(.write, path)
        }
        isUntouched = false
        length = off_t(offset)
    }

    /// Writes a line and its newline.
    ///
    /// - Throws: `Closed` if the reading end of the pipe was closed; `FileError` for other
    ///   errors, such as a full disk. A regular file then ends with the line before; one beside its
    ///   path is removed.
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

    /// Closes the file, and moves one that was written beside its path there. Where the disk is another
    /// machine's or has a quota, only this may say that lines were lost.
    ///
    /// - Throws: `FileError`; one beside its path is removed.
    public func finish() throws(FileError) {
        guard closesFile, descriptor >= 0 else { return }
        let file = descriptor
        descriptor = -1
        if let replacement { return try replacement.finish(file) }
        let isWritten = !(isNew && isUntouched)
        if !isWritten { unlink(path) }
        guard close(file) != 0, errno != EINTR, isWritten else { return }
        throw .last(.write, path)
    }

    /// Removes the part of a line that was written before an error, or the file.
    private func discardPart() {
        if let replacement {
            replacement.discard()
        } else if let length {
            _ = ftruncate(descriptor, length)
        }
    }
}

extension LineWriter {
    /// A file that is written beside the path of an output and then renamed.
    private struct Replacement {
        private let path: String
        /// `path`, or what it links to.
        private let target: String
        private let temporary: String
        /// Permissions of the file that is replaced.
        private let mode: mode_t?
        private let lock: OutputLock

        /// - Returns: Nil for devices and pipes (`/dev/stdout`), which are not replaced, and for what
        ///   cannot be opened either.
        init?(of path: String) throws(FileError) {
            var status = stat()
            let exists = stat(path, &status) == 0
            guard exists ? status.st_mode & S_IFMT == S_IFREG : errno == ENOENT,
                !FileSystem.isStream(path)
            else { return nil }
            // A file that may not be written is not replaced, either.
            guard !exists || access(path, W_OK) == 0 else { throw .last(.write, path) }
            self.path = path
            mode = exists ? status.st_mode & 0o777 : nil
            var target = path
            if exists, let resolved = realpath(path, nil) {
                defer { free(resolved) }
                target = String(cString: resolved)
            }
            self.target = target
            temporary = FileSystem.temporaryPath(for: target)
            do throws(FileError) {
                lock = try OutputLock(output: target)
            } catch {
                throw FileError(.write, path, error.cause)
            }
        }

        /// Creates the file.
        func open() throws(FileError) -> CInt {
            UnfinishedOutputs.insert(temporary)
            let file = Foundation.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            guard file >= 0 else {
                let error = FileError.last(.write, path)
                UnfinishedOutputs.remove(temporary)
                throw error
            }
            if let mode { fchmod(file, mode) }
            return file
        }

        func discard() {
            unlink(temporary)
            UnfinishedOutputs.remove(temporary)
        }

        /// Closes the file and moves it to its path, or removes it.
        func finish(_ file: CInt) throws(FileError) {
            defer { discard() }
            try ChunkedFile.closing(file, path: path, failing: { $0 }) { () throws(FileError) in }
            do throws(FileError) {
                try FileSystem.move(temporary, to: target, failing: { $0 })
            } catch {
                throw FileError(.write, path, error.cause)
            }
        }
    }
}
