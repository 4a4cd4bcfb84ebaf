/// Bytes on a cache line's boundary that grow on demand and are freed with their owner.
final class AlignedBuffer {
    private(set) var base: UnsafeMutableRawPointer
    private(set) var byteCount: Int

    init(byteCount: Int = 0) {
        self.byteCount = byteCount
        base = .allocate(byteCount: max(byteCount, 64), alignment: 64)
    }

    deinit {
        base.deallocate()
    }

    /// Makes room for `byteCount` bytes; what the buffer held is lost if it was too small.
    func reserve(byteCount: Int) {
        guard byteCount > self.byteCount else { return }
        base.deallocate()
        base = .allocate(byteCount: byteCount, alignment: 64)
        self.byteCount = byteCount
    }

    /// The buffer as numbers of one type.
    func pointer<Number>(to _: Number.Type) -> UnsafeMutablePointer<Number> {
        base.assumingMemoryBound(to: Number.self)
    }

    /// The first bytes, as long as the buffer lives and does not grow.
    func bytes(_ count: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base, count: count)
    }
}
