internal import CKernels

/// Whether a row's bits depend on how many rows are multiplied with it.
///
/// oneDNN's kernels sum a row's products in an order that depends on the inner length alone, as far
/// as is known; it is not promised. So before short clips share a tile, this is tried on this
/// machine with the real weights: kernels are chosen by shape, not by numbers.
struct RowIndependence {
    let patches: PackedMatrix
    let block: Block
    let worker: Worker
    let kernels: ganrm_kernels

    /// Compares the layers of `merged` rows with as many runs of `single` rows as fit.
    func holds(single: LayerProducts, merged: LayerProducts) throws(EncoderError) -> Bool {
        let pairs: [(Matmul, Matmul, PackedMatrix)] = [
            (single.patches, merged.patches, patches),
            (single.queryKeyValue, merged.queryKeyValue, block.queryKeyValue),
            (single.output, merged.output, block.output),
            (single.fc1, merged.fc1, block.fc1),
            (single.fc2, merged.fc2, block.fc2),
        ]
        worker.scratchpad.reserve(
            byteCount: max(single.scratchByteCount, merged.scratchByteCount))
        for (single, merged, weights) in pairs {
            guard try agree(single, merged, weights) else { return false }
        }
        return true
    }

    private func agree(
        _ single: Matmul, _ merged: Matmul, _ weights: PackedMatrix
    ) throws(EncoderError) -> Bool {
        let shape = merged.shape
        let numbers = shape.rows * shape.inner
        let source = AlignedBuffer(byteCount: 4 * numbers)
        fill(source, numbers, precision: shape.precision)
        let rowBytes = shape.columns * shape.destinationPrecision.byteCount
        let together = AlignedBuffer(byteCount: shape.rows * rowBytes)
        let apart = AlignedBuffer(byteCount: shape.rows * rowBytes)
        for buffer in [together, apart] {
            buffer.base.initializeMemory(
                as: UInt8.self, repeating: 0, count: shape.rows * rowBytes)
        }
        try merged(source.base, weights, into: together.base, worker: worker)
        for row in stride(from: 0, to: shape.rows, by: single.shape.rows) {
            try single(
                source.base + row * shape.inner * shape.precision.byteCount, weights,
                into: apart.base + row * rowBytes, worker: worker)
        }
        return together.bytes(shape.rows * rowBytes)
            .elementsEqual(apart.bytes(shape.rows * rowBytes))
    }

    /// Numbers in −1…1 without a pattern.
    private func fill(_ buffer: AlignedBuffer, _ count: Int, precision: Precision) {
        var state: UInt32 = 1
        let numbers = (0..<count).map { _ -> Float in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Float(Int32(bitPattern: state)) * 0x1p-31
        }
        switch precision {
        case .f32: buffer.pointer(to: Float.self).update(from: numbers, count: count)
        case .bf16: kernels.to_bf16(numbers, Int64(count), buffer.pointer(to: UInt16.self))
        }
    }
}
