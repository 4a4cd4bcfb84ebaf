import Foundation

/// Lets one process at a time write an output that is replaced as a whole when it is complete: a
/// file, a folder, or a page with its folder.
///
/// The lock is that of a file beside the output, `OUTPUT.lock`, which is removed with the lock. One
/// that a killed process has left is not locked; the next run takes it.
///
/// Rows that are written in place need no such file: `LineWriter` locks its own.
package final class OutputLock {
    private let lock: FileLock
    private let path: String

    /// Acquires the lock of an output, which need not exist.
    ///
    /// - Parameter createsFolder: Whether the folder of the output is created if it is missing.
    /// - Throws: `FileError` if another process writes the output, if its folder cannot be written, or
    ///   if it is a device or a pipe.
    package init(output: String, createsFolder: Bool = false) throws(FileError) {
        var name = output
        while name.utf8.count > 1, name.utf8.last == UInt8(ascii: "/") { name.removeLast() }
        path = name + ".lock"
        try FileSystem.checkReplaceable(output, failing: { $0 })
        if createsFolder { try FileSystem.makeFolder(PathName.folder(of: name), failing: { $0 }) }
        for attempt in 0... {
            let lock: FileLock?
            do throws(FileError) {
                lock = try FileLock.acquire(path: path, timeout: .zero, failing: { $0 })
            } catch {
                throw FileError(.write, output, error.cause)
            }
            guard let lock else {
                let file = open(path, O_RDONLY | O_CLOEXEC)
                defer { if file >= 0 { close(file) } }
                throw .locked(output, by: file)
            }
            // `yarn.lock` beside an output `yarn` is somebody's file, which must not be removed.
            var status = stat()
            guard fstat(lock.fileDescriptor, &status) == 0, status.st_size == 0 else {
                throw FileError(
                    .write, output,
                    .file("'\(path)' exists and is no lock of ganrm; name another output"))
            }
            // The process that held the lock may just have removed the file.
            // Some network file systems give a file another number each time.
            if FileSystem.isSame(path, lock.fileDescriptor) || attempt == 10 {
                self.lock = lock
                UnfinishedOutputs.insert(path)
                return
            }
        }
        preconditionFailure("the last attempt returns")
    }

    deinit {
        unlink(path)
        UnfinishedOutputs.remove(path)
    }
}

extension FileError {
    /// The output is being written by the process that holds the lock of an open file.
    static func locked(_ path: String, by fileDescriptor: CInt) -> FileError {
        FileError(
            .write, path,
            .file(
                "\(FileLock.holder(fileDescriptor)) is writing it; wait for its end, or name another "
                    + "output"))
    }
}
