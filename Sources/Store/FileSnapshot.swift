import Files
import Foundation

/// The SHA-256 of a file's bytes, and the `stat` values by which a later change is detected.
public struct FileSnapshot: Sendable, Hashable {
    /// SHA-256, 32 bytes.
    let digest: Data
    let stamp: FileStamp
}

/// The identity, size and change times of a file, from `stat`.
struct FileStamp: Sendable, Hashable {
    let device: Int64
    let inode: Int64
    let byteCount: Int64
    /// Modification time of the content, in nanoseconds since 1970.
    let modified: Int64
    /// Change time of the inode, which is updated even when `modified` is set back.
    let changed: Int64

    /// Nil if the path is not that of a regular file.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        device = Int64(bitPattern: UInt64(status.st_dev))
        inode = Int64(bitPattern: UInt64(status.st_ino))
        byteCount = Int64(status.st_size)
        modified = Self.nanoseconds(status.st_mtim)
        changed = Self.nanoseconds(status.st_ctim)
    }

    /// Whether the last change is so long ago that a further one would show in the times, whose
    /// resolution is limited.
    var isOlderThanTimeResolution: Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Self.nanoseconds(now) - 2_000_000_000 > max(modified, changed)
    }

    func isSameFile(as other: FileStamp) -> Bool {
        device == other.device && inode == other.inode
    }

    /// Nanoseconds since 1970, clamped: a file's times may be centuries away.
    private static func nanoseconds(_ time: timespec) -> Int64 {
        Checked.sum(Checked.product(time.tv_sec, 1_000_000_000), time.tv_nsec).map { Int64($0) }
            ?? (time.tv_sec < 0 ? Int64.min : .max)
    }
}
