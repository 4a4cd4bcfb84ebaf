/// Buffers of one thread.
///
/// Not thread-safe: a worker serves one thread at a time.
final class Worker {
    let index: Int
    /// Unfolded patches, f32, or the MLP's hidden activations of one tile; scratch memory of norms.
    let activations = AlignedBuffer()
    /// Input of a linear layer in its dtype, of one tile: patches, normalized tokens or quantized
    /// rows.
    let layerInput = AlignedBuffer()
    /// Quantization of the rows in `layerInput`, `[groups, rows]`; int8 only.
    let quantization = AlignedBuffer()
    /// Scratch memory of attention.
    let attention = AlignedBuffer()

    /// Set while profiling.
    var timer: LapTimer?

    init(index: Int) {
        self.index = index
    }
}
