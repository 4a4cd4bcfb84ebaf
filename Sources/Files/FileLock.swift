import Foundation

/// An advisory lock on a file, held for the value's lifetime.
///
/// The kernel releases it when all processes that hold the file descriptor have closed it or ended,
/// for any reason. `failing` converts a `FileError` to the caller's error type.
package struct FileLock: ~Copyable {
    /// For child processes that are to hold the lock, too.
    package let fileDescriptor: CInt

    /// Acquires the lock.
    ///
    /// - Parameter waiting: Called before blocking if another process holds the lock.
    package init<Failure: Error>(
        path: String, failing: (FileError) -> Failure, waiting: () -> Void = {}
    ) throws(Failure) {
        fileDescriptor = try Self.opened(path, failing: failing)
        if flock(fileDescriptor, LOCK_EX | LOCK_NB) != 0 {
            waiting()
            while flock(fileDescriptor, LOCK_EX) != 0 && errno == EINTR {}
        }
    }

    private init(locked fileDescriptor: CInt) { self.fileDescriptor = fileDescriptor }

    /// Acquires the lock, or returns nil if another process still holds it after `timeout`.
    package static func acquire<Failure: Error>(
        path: String, timeout: Duration, failing: (FileError) -> Failure
    ) throws(Failure) -> FileLock? {
        let descriptor = try opened(path, failing: failing)
        let end = ContinuousClock.now + timeout
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard ContinuousClock.now < end else {
                close(descriptor)
                return nil
            }
            usleep(50_000)
        }
        return FileLock(locked: descriptor)
    }

    deinit { close(fileDescriptor) }

    /// Opens the file, which is created if it does not exist, without locking it.
    private static func opened<Failure: Error>(
        _ path: String, failing: (FileError) -> Failure
    ) throws(Failure) -> CInt {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failing(.last(.write, path)) }
        return descriptor
    }
}
