import Foundation

/// An advisory lock on a file, held while the value lives: one pull of a model at a time.
///
/// The kernel drops it when the process ends, however it ends.
struct FileLock: ~Copyable {
    private let file: Int32

    /// Takes the lock; calls `waiting` first if another holder makes it wait.
    init(path: String, waiting: () -> Void) throws(CatalogueError) {
        file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw .unwritable(path: path, reason: FileCopy.lastReason()) }
        if flock(file, LOCK_EX | LOCK_NB) == 0 { return }
        waiting()
        while flock(file, LOCK_EX) != 0 {
            guard errno == EINTR else {
                throw .unwritable(path: path, reason: FileCopy.lastReason())
            }
        }
    }

    deinit { close(file) }
}
