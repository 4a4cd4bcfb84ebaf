import Foundation

/// File I/O in chunks.
///
/// `failing` converts a `FileError` to the caller's error type, for example `CatalogueError.file`.
package enum ChunkedFile {
    /// Chunk size in bytes.
    private static let chunkSize = 1 << 20

    /// Reads a file from start to end, chunk by chunk. The pointer must not leave `body`.
    ///
    /// - Parameter range: The bytes to read, which end where the file does; nil for all of them.
    package static func read<Failure: Error>(
        _ path: String, range: Range<Int>? = nil, failing: (FileError) -> Failure,
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw failing(.last(.read, path)) }
        defer { close(file) }
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkSize, alignment: 64)
        defer { chunk.deallocate() }
        if let range, lseek(file, off_t(range.lowerBound), SEEK_SET) < 0 {
            throw failing(.last(.read, path))
        }
        var rest = range?.count ?? .max
        while true {
            let count = Foundation.read(file, chunk.baseAddress, min(chunkSize, rest))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failing(.last(.read, path)) }
            if count == 0 { return }
            rest -= count
            try body(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
        }
    }

    /// The first bytes of a file, at most 16.
    package static func start<Failure: Error>(
        of path: String, failing: (FileError) -> Failure
    ) throws(Failure) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw failing(.last(.read, path)) }
        defer { close(file) }
        var start = [UInt8](repeating: 0, count: 16)
        let count = Foundation.read(file, &start, start.count)
        guard count >= 0 else { throw failing(.last(.read, path)) }
        return Array(start[..<count])
    }

    /// Writes all bytes to an open file.
    ///
    /// - Parameter path: The path that an error names.
    package static func append<Failure: Error>(
        _ bytes: UnsafeRawBufferPointer, to fileDescriptor: CInt, path: String,
        failing: (FileError) -> Failure
    ) throws(Failure) {
        var remaining = bytes
        while !remaining.isEmpty {
            let written = write(
                fileDescriptor, remaining.baseAddress, min(remaining.count, 1 << 30))
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw failing(.last(.write, path)) }
            remaining = UnsafeRawBufferPointer(rebasing: remaining[written...])
        }
    }

    /// Creates or truncates `path`, writes what `body` appends and syncs it. Removes it on errors.
    package static func create<Failure: Error>(
        _ path: String, failing: @escaping (FileError) -> Failure,
        _ body: (_ append: (UnsafeRawBufferPointer) throws(Failure) -> Void) throws(Failure) -> Void
    ) throws(Failure) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw failing(.last(.write, path)) }
        do throws(Failure) {
            try closing(file, path: path, failing: failing) { () throws(Failure) in
                try body { (bytes) throws(Failure) in
                    try append(bytes, to: file, path: path, failing: failing)
                }
            }
        } catch {
            unlink(path)
            throw error
        }
    }

    /// Syncs and closes a file after `body` has written it. Both may be the first to say that the
    /// disk or a quota is full.
    static func closing<Failure: Error>(
        _ file: CInt, path: String, failing: (FileError) -> Failure,
        _ body: () throws(Failure) -> Void
    ) throws(Failure) {
        do throws(Failure) {
            try body()
            guard fsync(file) == 0 else { throw failing(.last(.write, path)) }
        } catch {
            close(file)
            throw error
        }
        guard close(file) == 0 || errno == EINTR else { throw failing(.last(.write, path)) }
    }
}
