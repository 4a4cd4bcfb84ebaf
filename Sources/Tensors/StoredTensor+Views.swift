import Files

extension StoredTensor {
    /// A strided view of a storage: element `(i, j, …)` is at `offset + i·strides[0] + j·strides[1]
    /// + …`.
    struct View {
        var shape: [Int]
        /// Stride of each dimension, in elements, not negative.
        var strides: [Int]
        /// Index of the first element in the storage.
        var offset: Int

        /// One more than the largest element index of the view; nil if it overflows.
        var end: Int? {
            if shape.contains(0) { return offset }
            var last: Int? = offset
            for (length, stride) in zip(shape, strides) {
                last = Checked.sum(last, Checked.product(length - 1, stride))
            }
            return Checked.sum(last, 1)
        }

        /// Whether the elements are contiguous in row-major order.
        var isContiguous: Bool {
            if shape.contains(0) { return true }
            var expected = 1
            for (length, stride) in zip(shape, strides).reversed() where length != 1 {
                guard stride == expected else { return false }
                expected *= length
            }
            return true
        }
    }

    /// Copies a view into a new contiguous storage; nil if there is not enough memory.
    ///
    /// - Precondition: `bytes` has `view.end` elements, and the element count does not overflow.
    init?(gathering view: View, of dtype: DType, from bytes: UnsafeRawBufferPointer) {
        let byteCount = view.shape.reduce(dtype.byteCount, *)
        let storage = ByteStorage(count: byteCount) { copy in
            switch dtype.byteCount {
            case 1: gather(view, UInt8.self, from: bytes, into: copy)
            case 2: gather(view, UInt16.self, from: bytes, into: copy)
            case 4: gather(view, UInt32.self, from: bytes, into: copy)
            default: gather(view, UInt64.self, from: bytes, into: copy)
            }
        }
        guard let storage else { return nil }
        self.init(
            shape: view.shape, dtype: dtype, storage: storage, range: 0..<byteCount)
    }

    /// A transposed copy of the matrix; nil if there is not enough memory.
    ///
    /// - Precondition: The tensor has two dimensions.
    package func transposed() -> StoredTensor? {
        precondition(shape.count == 2, "only a matrix is transposed")
        let view = View(shape: [shape[1], shape[0]], strides: [1, shape[1]], offset: 0)
        return withBytes { StoredTensor(gathering: view, of: dtype, from: $0) }
    }
}

private func gather<Word: FixedWidthInteger>(
    _ view: StoredTensor.View, _: Word.Type, from bytes: UnsafeRawBufferPointer,
    into copy: UnsafeMutableRawBufferPointer
) {
    let size = MemoryLayout<Word>.size
    var index = Array(repeating: 0, count: view.shape.count)
    var source = view.offset
    for target in 0..<copy.count / size {
        let word = bytes.loadUnaligned(fromByteOffset: source * size, as: Word.self)
        copy.storeBytes(of: word, toByteOffset: target * size, as: Word.self)
        // The next index in row-major order: increment the last dimension, with carry. `source`
        // stays within the view, since a step beyond it may overflow.
        for dimension in view.shape.indices.reversed() {
            if index[dimension] < view.shape[dimension] - 1 {
                index[dimension] += 1
                source += view.strides[dimension]
                break
            }
            source -= index[dimension] * view.strides[dimension]
            index[dimension] = 0
        }
    }
}
