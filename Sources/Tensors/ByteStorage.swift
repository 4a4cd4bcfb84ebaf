import Files
import Foundation

/// Bytes that several tensors can share: a file mapped read-only, or an owned buffer.
package final class ByteStorage: Sendable {
    private nonisolated(unsafe) let base: UnsafeRawBufferPointer
    private let isMapped: Bool

    package var count: Int { base.count }

    /// Maps a file; pages are read on first access and can be evicted again.
    ///
    /// - Throws: `TensorError.file`.
    package init(mapping path: String) throws(TensorError) {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw .file(.last(.read, path)) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else {
            throw .file(.last(.read, path))
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .file(FileError(.read, path, .file("not a regular file")))
        }
        let count = Int(status.st_size)
        guard count > 0 else { throw .file(FileError(.read, path, .file("the file is empty"))) }
        let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, file, 0)
        guard let address, address != MAP_FAILED else {
            throw .file(.last(.read, path))
        }
        base = UnsafeRawBufferPointer(start: address, count: count)
        isMapped = true
    }

    /// Allocates a zero-initialized buffer of `count` bytes and fills it; nil if there is not enough
    /// memory.
    package init?(count: Int, filling body: (UnsafeMutableRawBufferPointer) -> Void) {
        var address: UnsafeMutableRawPointer?
        guard posix_memalign(&address, 64, max(count, 1)) == 0, let address else { return nil }
        let buffer = UnsafeMutableRawBufferPointer(start: address, count: count)
        buffer.initializeMemory(as: UInt8.self, repeating: 0)
        body(buffer)
        base = UnsafeRawBufferPointer(buffer)
        isMapped = false
    }

    /// Copies bytes; nil if there is not enough memory.
    package convenience init?(copying bytes: UnsafeRawBufferPointer) {
        self.init(count: bytes.count) { $0.copyMemory(from: bytes) }
    }

    deinit {
        if isMapped {
            munmap(UnsafeMutableRawPointer(mutating: base.baseAddress), base.count)
        } else {
            free(UnsafeMutableRawPointer(mutating: base.baseAddress))
        }
    }

    /// Lends all bytes; the pointer must not leave `body`.
    package func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(base)
    }

    /// Releases the memory of the whole pages in `range` of a mapped file; they are read again on
    /// the next access. Does nothing for an owned buffer.
    package func dropPages(_ range: Range<Int>) {
        guard isMapped, let start = base.baseAddress else { return }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let first = (range.lowerBound + page - 1) / page * page
        let end = range.upperBound / page * page
        guard first < end else { return }
        // The call is advisory; errors can be ignored.
        _ = madvise(UnsafeMutableRawPointer(mutating: start + first), end - first, MADV_DONTNEED)
    }
}

extension UnsafeRawBufferPointer {
    /// The little-endian integer at `offset`; nil if it is out of bounds.
    func integer<Integer: FixedWidthInteger>(at offset: Int, as _: Integer.Type) -> Integer? {
        guard offset >= 0, offset <= count - MemoryLayout<Integer>.size else { return nil }
        return Integer(littleEndian: loadUnaligned(fromByteOffset: offset, as: Integer.self))
    }

    /// The bytes of `range`; nil if it is out of bounds.
    func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer? {
        guard range.lowerBound >= 0, range.upperBound <= count else { return nil }
        return UnsafeRawBufferPointer(rebasing: self[range])
    }
}
