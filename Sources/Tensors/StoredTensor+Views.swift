extension StoredTensor {
    /// A view into a storage: element `(i, j, …)` stands at `offset + i·strides[0] + j·strides[1] + …`.
    struct View {
        var shape: [Int]
        /// In elements, one per axis, not negative.
        var strides: [Int]
        /// Of the first element, in elements from the start of the storage.
        var offset: Int

        /// One more than the largest element index that the view touches, or nil if it overflows.
        var end: Int? {
            if shape.contains(0) { return offset }
            var last = offset
            for (length, stride) in zip(shape, strides) {
                let (reach, overflow) = (length - 1).multipliedReportingOverflow(by: stride)
                let (sum, sumOverflow) = last.addingReportingOverflow(reach)
                guard !overflow, !sumOverflow else { return nil }
                last = sum
            }
            let (end, overflow) = last.addingReportingOverflow(1)
            return overflow ? nil : end
        }

        /// Whether the elements stand side by side, row-major.
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

    /// Copies a view into a storage of its own, contiguous.
    ///
    /// - Precondition: `view.end` elements lie in `bytes`, and the shape's product does not overflow.
    init(gathering view: View, of elementType: ElementType, from bytes: UnsafeRawBufferPointer) {
        let byteCount = view.shape.reduce(elementType.byteCount, *)
        let storage = ByteStorage(count: byteCount) { copy in
            switch elementType.byteCount {
            case 1: gather(view, UInt8.self, from: bytes, into: copy)
            case 2: gather(view, UInt16.self, from: bytes, into: copy)
            case 4: gather(view, UInt32.self, from: bytes, into: copy)
            default: gather(view, UInt64.self, from: bytes, into: copy)
            }
        }
        self.init(
            shape: view.shape, elementType: elementType, storage: storage, range: 0..<byteCount)
    }

    /// The matrix with its axes exchanged, copied.
    ///
    /// - Precondition: There are two axes.
    func transposed() -> StoredTensor {
        precondition(shape.count == 2, "only a matrix is transposed")
        let view = View(shape: [shape[1], shape[0]], strides: [1, shape[1]], offset: 0)
        return withBytes { StoredTensor(gathering: view, of: elementType, from: $0) }
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
        // The next index, row-major: the last axis first, with carry.
        for axis in view.shape.indices.reversed() {
            index[axis] += 1
            source += view.strides[axis]
            if index[axis] < view.shape[axis] { break }
            source -= index[axis] * view.strides[axis]
            index[axis] = 0
        }
    }
}
