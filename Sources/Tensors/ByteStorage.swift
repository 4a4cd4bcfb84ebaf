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
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
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

    /// Fills a new buffer of `count` bytes, which start out as zeros.
    package init(count: Int, filling body: (UnsafeMutableRawBufferPointer) -> Void) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 64)
        buffer.initializeMemory(as: UInt8.self, repeating: 0)
        body(buffer)
        base = UnsafeRawBufferPointer(buffer)
        isMapped = false
    }

    /// Copies bytes.
    package convenience init(copying bytes: UnsafeRawBufferPointer) {
        self.init(count: bytes.count) { $0.copyMemory(from: bytes) }
    }

    deinit {
        if isMapped {
            munmap(UnsafeMutableRawPointer(mutating: base.baseAddress), base.count)
        } else {
            base.deallocate()
        }
    }

    /// Lends all bytes; the pointer must not leave `body`.
    package func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(base)
    }

    /// Gives the memory back that whole pages of `range` take, if a file is mapped: they are read anew when
    /// somebody touches them.
    package func dropPages(_ range: Range<Int>) {
        guard isMapped, let start = base.baseAddress else { return }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let first = (range.lowerBound + page - 1) / page * page
        let end = range.upperBound / page * page
        guard first < end else { return }
        // Advice: nothing depends on its success.
        _ = madvise(UnsafeMutableRawPointer(mutating: start + first), end - first, MADV_DONTNEED)
    }

    private static func lastReason() -> String { String(cString: strerror(errno)) }
}

extension UnsafeRawBufferPointer {
    /// The little-endian integer at `offset`, or nil if it would reach past the end.
    func integer<Integer: FixedWidthInteger>(at offset: Int, as _: Integer.Type) -> Integer? {
        guard offset >= 0, offset <= count - MemoryLayout<Integer>.size else { return nil }
        return Integer(littleEndian: loadUnaligned(fromByteOffset: offset, as: Integer.self))
    }

    /// The bytes of `range`, or nil if it does not lie inside.
    func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer? {
        guard range.lowerBound >= 0, range.upperBound <= count else { return nil }
        return UnsafeRawBufferPointer(rebasing: self[range])
    }
}
