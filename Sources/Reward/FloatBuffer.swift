/// Numbers in memory that does not move, aligned to a cache line and zero at first.
final class FloatBuffer {
    let start: UnsafeMutablePointer<Float>
    let count: Int

    init(count: Int) {
        let bytes = UnsafeMutableRawPointer.allocate(
            byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64)
        start = bytes.bindMemory(to: Float.self, capacity: count)
        start.initialize(repeating: 0, count: count)
        self.count = count
    }

    convenience init(copying values: [Float]) {
        self.init(count: values.count)
        for i in values.indices { start[i] = values[i] }
    }

    /// - Parameter values: As many as there are.
    func update(from values: [Float]) {
        precondition(values.count == count)
        for i in values.indices { start[i] = values[i] }
    }

    deinit { start.deallocate() }

    var elements: [Float] { Array(UnsafeBufferPointer(start: start, count: count)) }
}
