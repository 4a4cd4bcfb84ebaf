/// Bytes on a cache line's boundary that grow on demand and are freed with their owner.
final class AlignedBuffer {
    private(set) var base: UnsafeMutableRawPointer
    private(set) var byteCount: Int

    init(byteCount: Int = 0) {
        self.byteCount = byteCount
        base = .allocate(byteCount: max(byteCount, 64), alignment: 64)
    }

    convenience init(zeros byteCount: Int) {
        self.init(byteCount: byteCount)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
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
}
