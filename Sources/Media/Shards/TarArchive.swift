package import Files
import Foundation
import Synchronization

/// An archive that can be read at any place.
package struct TarArchive: Sendable {
    package let index: TarIndex
    /// The file that has its bytes: the archive, or what it was decompressed to.
    private let path: String
    private let decompressed: Upload?

    /// - Parameter makeRoom: See `CompressedArchive.decompressed`.
    /// - Throws: `FileError` for a file that cannot be read or is no archive.
    fileprivate init(_ path: String, makeRoom: () -> Bool) throws(FileError) {
        guard CompressedArchive.isArchive(path) else {
            index = try TarIndex(FilePart(path: path))
            self.path = path
            decompressed = nil
            return
        }
        let (bytes, problem) = try CompressedArchive.decompressed(path, makeRoom: makeRoom)
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

    /// Bytes of what it was decompressed to; nil if it is not compressed.
    fileprivate var decompressedByteCount: Int? { decompressed?.byteCount }
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

    /// An archive, which is read once, by the first who needs it. The others wait for it, and for no other archive.
    private final class Entry: Sendable {
        let stamp: Stamp
        private let archive = Mutex<TarArchive?>(nil)

        init(_ stamp: Stamp) { self.stamp = stamp }

        func open(_ read: () throws(FileError) -> TarArchive) throws(FileError) -> TarArchive {
            try archive.withLock { archive throws(FileError) in
                if let archive { return archive }
                let new = try read()
                archive = new
                return new
            }
        }

        /// The archive; nil while it is being read.
        var known: TarArchive? { archive.withLockIfAvailable { $0 } ?? nil }
    }

    /// Most members of all indices, except that the last one may have more.
    private static let memberLimit = 300_000

    /// Most archives that are kept decompressed. They take no more room than the temporary folder still has, except
    /// that the last one may.
    private static let decompressedLimit = 16

    /// The last used at the end.
    private let entries = Mutex<[Entry]>([])

    func archive(_ path: String) throws(FileError) -> TarArchive {
        guard let stamp = Stamp(path) else {
            errno = 0
            _ = access(path, R_OK)
            throw errno == 0 ? FileError(.read, path, .file("it is no file")) : .last(.read, path)
        }
        let entry = entries.withLock { entries in
            let known = entries.firstIndex { $0.stamp == stamp }
            let entry = known.map { entries.remove(at: $0) } ?? Entry(stamp)
            entries.append(entry)
            return entry
        }
        do throws(FileError) {
            return try entry.open { () throws(FileError) in
                let archive = try TarArchive(path) { dropDecompressed(but: entry) }
                trim(adding: archive, entry)
                return archive
            }
        } catch {
            entries.withLock { $0.removeAll { $0 === entry } }
            throw error
        }
    }

    /// Drops the archives that were used longest ago, as far as a new one needs their room.
    private func trim(adding archive: TarArchive, _ new: Entry) {
        entries.withLock { entries in
            var memberCount = archive.index.members.count
            var decompressed = archive.decompressedByteCount.map { (count: 1, bytes: $0) }
            let free = decompressed == nil ? 0 : Self.freeBytes
            for (index, entry) in entries.enumerated().reversed() where entry !== new {
                guard let known = entry.known else { continue }
                memberCount += known.index.members.count
                var isKept = memberCount <= Self.memberLimit
                if let bytes = known.decompressedByteCount, let others = decompressed {
                    let all = (count: others.count + 1, bytes: others.bytes + bytes)
                    isKept =
                        isKept && all.count <= Self.decompressedLimit && all.bytes <= free
                    if isKept { decompressed = all }
                }
                if !isKept { entries.remove(at: index) }
            }
        }
    }

    /// Bytes that the temporary folder has room for.
    private static var freeBytes: Int {
        var status = statvfs()
        guard statvfs(FileManager.default.temporaryDirectory.path, &status) == 0 else { return 0 }
        return Checked.product(Int(clamping: status.f_bavail), Int(clamping: status.f_frsize))
            ?? .max
    }

    /// Drops all decompressed archives but one that is being read.
    ///
    /// - Returns: Whether there were any.
    private func dropDecompressed(but reading: Entry) -> Bool {
        entries.withLock { entries in
            let count = entries.count
            entries.removeAll { $0 !== reading && $0.known?.decompressedByteCount != nil }
            return entries.count < count
        }
    }
}
