import Foundation

/// An advisory lock on a file, held for the value's lifetime.
///
/// The kernel releases it when all processes that hold the file descriptor have closed it or ended,
/// for any reason. Where the file system has no locks, it is acquired at once. `failing` converts a `FileError` to the caller's error type.
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
        if !Self.lock(fileDescriptor) {
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
        while !lock(descriptor) {
            guard ContinuousClock.now < end else {
                close(descriptor)
                return nil
            }
            usleep(50_000)
        }
        return FileLock(locked: descriptor)
    }

    deinit { close(fileDescriptor) }

    /// Acquires the lock of an open file; false if another process holds it.
    static func lock(_ fileDescriptor: CInt) -> Bool {
        while flock(fileDescriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            return errno != EWOULDBLOCK
        }
        return true
    }

    /// The process that holds the lock of an open file, as words of a sentence.
    static func holder(_ fileDescriptor: CInt) -> String {
        var status = stat()
        guard fstat(fileDescriptor, &status) == 0,
            let locks = try? WholeFile.text("/proc/locks", failing: { $0 })
        else { return "another process" }
        // `1: FLOCK  ADVISORY  WRITE 1234 08:01:567 0 EOF`: process, then device and inode.
        let holders = locks.split(separator: "\n").compactMap { line -> Int? in
            let fields = line.split(separator: " ")
            guard fields.count > 5, fields[1] == "FLOCK",
                fields[5].split(separator: ":").last == "\(status.st_ino)"
            else { return nil }
            return Int(fields[4])
        }
        return holders.count == 1 && holders[0] > 0 ? "process \(holders[0])" : "another process"
    }

    /// Opens the file, which is created if it does not exist, without locking it.
    private static func opened<Failure: Error>(
        _ path: String, failing: (FileError) -> Failure
    ) throws(Failure) -> CInt {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failing(.last(.write, path)) }
        return descriptor
    }
}
