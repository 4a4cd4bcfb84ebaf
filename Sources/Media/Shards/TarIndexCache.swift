package import Files
import Glibc
import Synchronization

/// The indices of the archives that were read last, so that the members of one are found without
/// reading all its headers for each.
///
/// An archive that has changed, by its `stat`, is read again.
package final class TarIndexCache: Sendable {
    package static let shared = TarIndexCache()

    private struct Stamp: Hashable {
        let device, inode, byteCount, modified, modifiedFraction, changed, changedFraction: Int

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
            device = Int(bitPattern: UInt(status.st_dev))
            inode = Int(bitPattern: UInt(status.st_ino))
            byteCount = Int(status.st_size)
            modified = status.st_mtim.tv_sec
            modifiedFraction = status.st_mtim.tv_nsec
            changed = status.st_ctim.tv_sec
            changedFraction = status.st_ctim.tv_nsec
        }
    }

    /// Most members of all indices, except that the last one may have more.
    private static let memberLimit = 300_000

    /// The last used at the end.
    private let entries = Mutex<[(stamp: Stamp, index: TarIndex)]>([])

    /// The index of an archive.
    ///
    /// - Throws: `FileError` for a file that cannot be read or is no archive.
    package func index(of path: String) throws(FileError) -> TarIndex {
        guard let stamp = Stamp(path) else {
            errno = 0
            _ = access(path, R_OK)
            throw errno == 0 ? FileError(.read, path, .file("it is no file")) : .last(.read, path)
        }
        return try entries.withLock { entries throws(FileError) in
            if let known = entries.firstIndex(where: { $0.stamp == stamp }) {
                let entry = entries.remove(at: known)
                entries.append(entry)
                return entry.index
            }
            let index = try TarIndex(FilePart(path: path))
            entries.append((stamp, index))
            var count = entries.reduce(0) { $0 + $1.index.members.count }
            while count > Self.memberLimit, entries.count > 1 {
                count -= entries.removeFirst().index.members.count
            }
            return index
        }
    }
}
