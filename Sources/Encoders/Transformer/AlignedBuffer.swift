/// Memory aligned to a cache line, 64 bytes, that grows on demand.
final class AlignedBuffer {
    private(set) var base: UnsafeMutableRawPointer
    private(set) var byteCount: Int

    /// Allocates uninitialized memory.
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

    /// Grows to at least `byteCount` bytes; growing discards the contents and invalidates pointers.
    func reserve(byteCount: Int) {
        guard byteCount > self.byteCount else { return }
        base.deallocate()
        base = .allocate(byteCount: byteCount, alignment: 64)
        self.byteCount = byteCount
    }

    /// The buffer as elements of one type.
    func pointer<Element>(to _: Element.Type) -> UnsafeMutablePointer<Element> {
        base.assumingMemoryBound(to: Element.self)
    }
}
