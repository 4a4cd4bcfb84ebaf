import Foundation

/// What a file held when it was looked at: the SHA-256 of its bytes, and how to notice a change.
public struct FileContent: Sendable, Hashable {
    /// 32 bytes.
    let digest: Data
    let stamp: FileStamp
}

/// Where a file's bytes lie and when they were last changed, as `stat` tells.
struct FileStamp: Sendable, Hashable {
    let device: Int64
    let inode: Int64
    let byteCount: Int64
    /// Nanoseconds since 1970.
    let modified: Int64
    /// Of the inode: also moves when somebody sets `modified` back.
    let changed: Int64

    /// Nil unless the path leads to a regular file.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        device = Int64(bitPattern: UInt64(status.st_dev))
        inode = Int64(bitPattern: UInt64(status.st_ino))
        byteCount = Int64(status.st_size)
        modified = Self.nanoseconds(status.st_mtim)
        changed = Self.nanoseconds(status.st_ctim)
    }

    /// Whether a further change could not hide in the clock's granularity any more.
    var isSettled: Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Self.nanoseconds(now) - max(modified, changed) > 2_000_000_000
    }

    func isSameFile(as other: FileStamp) -> Bool {
        device == other.device && inode == other.inode
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
