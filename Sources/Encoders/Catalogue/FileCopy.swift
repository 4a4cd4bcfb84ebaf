import Foundation

/// Files read and written in pieces, with the system's reason for every failure.
enum FileCopy {
    private static let pieceCount = 1 << 20

    /// Reads a regular file from start to end.
    static func read(
        _ path: String, _ body: (UnsafeRawBufferPointer) throws(CatalogueError) -> Void
    ) throws(CatalogueError) {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw .unreadable(path: path, reason: lastReason()) }
        defer { close(file) }
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceCount, alignment: 64)
        defer { piece.deallocate() }
        while true {
            let count = Foundation.read(file, piece.baseAddress, pieceCount)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(path: path, reason: lastReason()) }
            if count == 0 { return }
            try body(UnsafeRawBufferPointer(rebasing: piece[..<count]))
        }
    }

    /// Lends the first bytes of a file, at most 16.
    static func readStart(
        _ path: String, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(CatalogueError) {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw .unreadable(path: path, reason: lastReason()) }
        defer { close(file) }
        var start: (UInt64, UInt64) = (0, 0)
        let count = withUnsafeMutableBytes(of: &start) {
            Foundation.read(file, $0.baseAddress, $0.count)
        }
        guard count >= 0 else { throw .unreadable(path: path, reason: lastReason()) }
        withUnsafeBytes(of: start) { body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }

    /// Appends bytes to an open file.
    static func append(
        _ bytes: UnsafeRawBufferPointer, to file: Int32, path: String
    ) throws(CatalogueError) {
        var rest = bytes
        while !rest.isEmpty {
            let written = write(file, rest.baseAddress, rest.count)
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw .unwritable(path: path, reason: lastReason()) }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    /// Creates (or empties) `path`, fills it by `body` and syncs it; removes it if `body` fails.
    static func create(
        _ path: String,
        _ body: (_ append: (UnsafeRawBufferPointer) throws(CatalogueError) -> Void)
            throws(CatalogueError) -> Void
    ) throws(CatalogueError) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw .unwritable(path: path, reason: lastReason()) }
        defer { close(file) }
        do throws(CatalogueError) {
            try body { (bytes) throws(CatalogueError) in
                try append(bytes, to: file, path: path)
            }
            guard fsync(file) == 0 else { throw .unwritable(path: path, reason: lastReason()) }
        } catch {
            unlink(path)
            throw error
        }
    }

    static func move(_ path: String, to target: String) throws(CatalogueError) {
        guard rename(path, target) == 0 else {
            throw .unwritable(path: target, reason: lastReason())
        }
    }

    /// Makes a folder and those above it.
    static func makeFolder(_ path: String) throws(CatalogueError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            throw .unwritable(path: path, reason: error.localizedDescription)
        }
    }

    /// Length of a regular file, or nil if there is none.
    static func byteCount(_ path: String) -> Int? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    static func lastReason() -> String { String(cString: strerror(errno)) }
}
