/// Floats at a fixed address, aligned to a cache line and initially zero; owns its memory.
package final class FloatBuffer {
    package let start: UnsafeMutablePointer<Float>
    package let count: Int

    package init(count: Int) {
        let bytes = UnsafeMutableRawPointer.allocate(
            byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64)
        start = bytes.bindMemory(to: Float.self, capacity: count)
        start.initialize(repeating: 0, count: count)
        self.count = count
    }

    package convenience init(copying values: [Float]) {
        self.init(count: values.count)
        for i in values.indices { start[i] = values[i] }
    }

    /// - Precondition: `values` has `count` elements.
    package func update(from values: [Float]) {
        precondition(values.count == count)
        for i in values.indices { start[i] = values[i] }
    }

    deinit { start.deallocate() }

    package var elements: [Float] { Array(UnsafeBufferPointer(start: start, count: count)) }
}
