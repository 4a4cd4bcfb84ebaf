import CArchive
import Files
import Glibc
import SystemPackage
import TextFormats

/// Compressed tar archives, whose members have no place of their own in the file: they are decompressed before they are
/// read, to an unnamed file.
enum CompressedArchive {
    /// Extensions, and the first bytes of such a file.
    private static let formats: [(extensions: [String], signature: [UInt8])] = [
        ([".tar.gz", ".tgz"], [0x1f, 0x8b]),
        ([".tar.zst", ".tzst"], [0x28, 0xb5, 0x2f, 0xfd]),
        ([".tar.xz", ".txz"], [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]),
    ]

    /// Programs that decompress what is not read here.
    private static let programs: [(extensions: [String], program: String)] = [
        ([".tar.bz2", ".tbz2"], "bunzip2"), ([".tar.lz4"], "unlz4"),
    ]

    /// Whether a path has the extension of a compressed archive that is read.
    static func hasExtension(_ path: String) -> Bool {
        formats.contains { has($0.extensions, path) }
    }

    /// Whether a file has the name and the first bytes of a compressed archive that is read.
    static func isArchive(_ path: String) -> Bool {
        guard let format = formats.first(where: { has($0.extensions, path) }) else { return false }
        let count = format.signature.count
        return (try? FilePart(path: path).bytes(at: 0, count: count)) == format.signature
    }

    /// Why a file of this name is not read, and what to do; nil for any other file.
    static func refusal(of path: String) -> FileError? {
        guard let program = programs.first(where: { has($0.extensions, path) })?.program else {
            return nil
        }
        return FileError(
            .read, path,
            .file("its compression is not read; decompress it: \(program) '\(path)'"))
    }

    private static func has(_ extensions: [String], _ path: String) -> Bool {
        let name = path.lowercased()
        return extensions.contains { name.hasByteSuffix($0) }
    }

    private static let pieceLength = 1 << 20

    /// Most bytes of a decompressed archive in memory; several are kept.
    private static let memoryLimit = 8 << 20

    /// Decompresses an archive.
    ///
    /// - Parameter makeRoom: Called when the disk is full; whether it is worth another try.
    /// - Returns: What could be decompressed, and why it is not all, as a clause.
    /// - Throws: `FileError` for a file that cannot be opened, a full disk and an interruption.
    static func decompressed(
        _ path: String, makeRoom: () -> Bool
    ) throws(FileError) -> (bytes: Upload, problem: String?) {
        guard let archive = archive_read_new() else {
            throw FileError(.read, path, .system(.noMemory))
        }
        defer { archive_read_free(archive) }
        archive_read_support_filter_gzip(archive)
        archive_read_support_filter_zstd(archive)
        archive_read_support_filter_xz(archive)
        // What is decompressed is one file for libarchive; TarIndex reads it.
        archive_read_support_format_raw(archive)
        func message() -> String {
            let text = archive_error_string(archive).map { String(cString: $0) }
            return "it cannot be decompressed: \(text ?? "it is damaged")"
        }
        var entry: OpaquePointer?
        guard archive_read_open_filename(archive, path, pieceLength) == ARCHIVE_OK,
            archive_read_next_header(archive, &entry) == ARCHIVE_OK
        else { throw FileError(.read, path, .file(message())) }
        do throws(Errno) {
            var writer = try UploadWriter(memoryLimit: memoryLimit)
            var piece = [UInt8](repeating: 0, count: pieceLength)
            while true {
                if MediaInterruption.isRequested { throw .interrupted }
                let count = archive_read_data(archive, &piece, piece.count)
                if count <= 0 { return (Upload(writer), count < 0 ? message() : nil) }
                try writer.append(piece[..<count])
            }
        } catch {
            if error == .noSpace, makeRoom() {
                return try decompressed(path, makeRoom: { false })
            }
            throw error == .interrupted
                ? FileError(.read, path, .system(error))
                : FileError(
                    .read, path, .file("there is no room to decompress it: \(error.description)"))
        }
    }
}
