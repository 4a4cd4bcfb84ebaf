import CArchive
import Files

/// Writes a tar archive through libarchive, without times and owners, so that equal members give equal
/// archives.
final class TarFile {
    private let path: String
    private let archive: OpaquePointer
    private let entry: OpaquePointer

    init(path: String) throws(ExportError) {
        guard let archive = archive_write_new() else {
            throw .file(.last(.write, path))
        }
        guard let entry = archive_entry_new() else {
            archive_write_free(archive)
            throw .file(.last(.write, path))
        }
        self.path = path
        self.archive = archive
        self.entry = entry
        // Ustar, with pax headers for members that need them.
        try check(archive_write_set_format_pax_restricted(archive))
        try check(archive_write_open_filename(archive, path))
    }

    deinit {
        archive_entry_free(entry)
        archive_write_free(archive)
    }

    func add(_ name: String, _ bytes: UnsafeRawBufferPointer) throws(ExportError) {
        archive_entry_clear(entry)
        archive_entry_set_pathname(entry, name)
        archive_entry_set_size(entry, Int64(bytes.count))
        archive_entry_set_filetype(entry, 0o100000)
        archive_entry_set_perm(entry, 0o644)
        archive_entry_set_mtime(entry, 0, 0)
        try check(archive_write_header(archive, entry))
        guard
            bytes.isEmpty
                || archive_write_data(archive, bytes.baseAddress, bytes.count) == bytes.count
        else { throw failure }
    }

    /// Finishes the archive; call it once, last.
    func close() throws(ExportError) {
        try check(archive_write_close(archive))
    }

    private func check(_ code: Int32) throws(ExportError) {
        if code < ARCHIVE_OK { throw failure }
    }

    private var failure: ExportError {
        let reason = archive_error_string(archive).map { String(cString: $0) }
        return .file(FileError(.write, path, .file(reason ?? "unknown error of libarchive")))
    }
}
