import Foundation

/// Bytes that many tensors share: a file mapped read-only, or a buffer of our own.
package final class ByteStorage: Sendable {
    private nonisolated(unsafe) let base: UnsafeRawBufferPointer
    private let isMapped: Bool

    package var count: Int { base.count }

    /// Maps a file; pages are read when they are touched and can be dropped again.
    ///
    /// - Throws: `TensorError.unreadable` with the system's reason.
    package init(mapping path: String) throws(TensorError) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .unreadable(path: path, reason: Self.lastReason()) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else {
            throw .unreadable(path: path, reason: Self.lastReason())
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(path: path, reason: "not a regular file")
        }
        let count = Int(status.st_size)
        guard count > 0 else { throw .unreadable(path: path, reason: "the file is empty") }
        let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, file, 0)
        guard let address, address != MAP_FAILED else {
            throw .unreadable(path: path, reason: Self.lastReason())
        }
        base = UnsafeRawBufferPointer(start: address, count: count)
        isMapped = true
    }

    /// Copies bytes.
    package init(copying bytes: UnsafeRawBufferPointer) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
        copy.copyMemory(from: bytes)
        base = UnsafeRawBufferPointer(copy)
        isMapped = false
    }

    deinit {
        if isMapped {
            munmap(UnsafeMutableRawPointer(mutating: base.baseAddress), base.count)
        } else {
            base.deallocate()
        }
    }

    /// Lends all bytes; the pointer must not leave `body`.
    package func withBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try body(base)
    }

    private static func lastReason() -> String { String(cString: strerror(errno)) }
}
