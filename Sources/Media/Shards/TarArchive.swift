package import Files
import Glibc
import Synchronization

/// An archive that can be read at any place.
package struct TarArchive: Sendable {
    package let index: TarIndex
    /// The file that has its bytes: the archive, or what it was decompressed to.
    private let path: String
    private let decompressed: Upload?

    /// - Throws: `FileError` for a file that cannot be read or is no archive.
    fileprivate init(_ path: String) throws(FileError) {
        guard CompressedArchive.isArchive(path) else {
            index = try TarIndex(FilePart(path: path))
            self.path = path
            decompressed = nil
            return
        }
        let (bytes, problem) = try CompressedArchive.decompressed(path)
        index = try TarIndex(FilePart(path: bytes.path, name: path), problem: problem)
        self.path = bytes.path
        decompressed = bytes
    }

    /// Opens an archive, or gives one that was read lately.
    ///
    /// - Throws: `FileError` for a file that cannot be read or is no archive.
    package static func open(_ path: String) throws(FileError) -> TarArchive {
        try TarArchiveCache.shared.archive(path)
    }

    /// Opens the archive's bytes.
    ///
    /// - Parameter name: What errors name.
    func open(name: String) throws(FileError) -> FilePart {
        try FilePart(FileExtent(path: path, range: 0..<Int.max, owner: decompressed), name: name)
    }

    /// Where a member's bytes are.
    func extent(of member: TarIndex.Member) -> FileExtent {
        FileExtent(path: path, range: member.range, owner: decompressed)
    }

    fileprivate var isDecompressed: Bool { decompressed != nil }
}

/// The archives that were read last, so that the members of one are found without reading all its headers for each.
///
/// An archive that has changed, by its `stat`, is read again.
private final class TarArchiveCache: Sendable {
    static let shared = TarArchiveCache()

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

    /// Most archives that are kept decompressed.
    private static let decompressedLimit = 2

    /// The last used at the end.
    private let entries = Mutex<[(stamp: Stamp, archive: TarArchive)]>([])

    func archive(_ path: String) throws(FileError) -> TarArchive {
        guard let stamp = Stamp(path) else {
            errno = 0
            _ = access(path, R_OK)
            throw errno == 0 ? FileError(.read, path, .file("it is no file")) : .last(.read, path)
        }
        return try entries.withLock { entries throws(FileError) in
            if let known = entries.firstIndex(where: { $0.stamp == stamp }) {
                let entry = entries.remove(at: known)
                entries.append(entry)
                return entry.archive
            }
            let archive = try TarArchive(path)
            entries.append((stamp, archive))
            var count = entries.reduce(0) { $0 + $1.archive.index.members.count }
            while count > Self.memberLimit, entries.count > 1 {
                count -= entries.removeFirst().archive.index.members.count
            }
            let decompressed = entries.indices.filter { entries[$0].archive.isDecompressed }
            if decompressed.count > Self.decompressedLimit { entries.remove(at: decompressed[0]) }
            return archive
        }
    }
}
