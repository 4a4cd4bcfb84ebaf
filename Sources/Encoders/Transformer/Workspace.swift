internal import CKernels
internal import Files

/// The workers, and the buffers of clips during a forward pass; they grow to the largest batch seen
/// and are reused.
final class Workspace {
    let pool: WorkerPool
    /// The residual stream, `[clips, tokens, width]`, f32.
    let residual = AlignedBuffer()
    /// Queries, keys and values, `[clips, tokens, 3, width]`; after the last block's attention, if
    /// hidden activations are pooled, the MLP's hidden activations, `[clips, tokens, hidden
    /// width]`. Rows are padded.
    let projections = AlignedBuffer()
    /// Attention's output, `[clips, tokens, width]`. Rows are padded.
    let context = AlignedBuffer()
    /// CLS token and mean over tokens, `[taps, clips, 2, width]`, f32.
    let pooled = AlignedBuffer()
    /// Patch tokens after the motion block, `[clips, patches, frames, width]`, f32.
    let motionPatches = AlignedBuffer()
    /// CLS and mean of the last block's hidden activations, `[clips, 2, hidden width]`, f32.
    let pooledHidden = AlignedBuffer()

    init(threadCount: Int) {
        pool = WorkerPool(threadCount: threadCount)
    }

    /// The number of tokens per forward pass: enough tiles for all workers, within limited memory.
    ///
    /// A pass has at least two sequences, so that workers that have finished one's tasks of a stage can
    /// continue with another's.
    var tokensAtOnce: Int { max(2048, 1024 * pool.workers.count) }

    /// What a forward pass needs beside its blocks.
    struct Needs {
        /// Rows of `pooled`.
        var pooledRows = 0
        /// Rows of `motionPatches`.
        var motionRows = 0
        /// Rows of `pooledHidden`.
        var pooledHiddenRows = 0
        /// Elements of an unfolded patch.
        var patchLength = 0
    }

    /// Grows the buffers to the sequences' rows and to tiles of up to `tileRows` rows.
    ///
    /// - Throws: `EncoderError.outOfMemory`.
    func reserve(
        _ trunk: Trunk, _ sequences: Sequences, tileRows: Int, needs: Needs
    ) throws(EncoderError) {
        let (width, hiddenWidth) = (trunk.shape.width, trunk.shape.hiddenWidth)
        let rows = sequences.rowCount
        let dtype = trunk.activationDType
        var sizes: [(buffer: AlignedBuffer, byteCount: Int)] = [
            (residual, 4 * rows * width),
            (projections, dtype.byteCount * rows * trunk.projectionStride),
            (context, rows * dtype.rowBytes(width)),
            (pooled, 4 * needs.pooledRows * width),
            (motionPatches, 4 * needs.motionRows * width),
            (pooledHidden, 4 * needs.pooledHiddenRows * hiddenWidth),
        ]
        for worker in pool.workers {
            sizes += [
                (
                    worker.activations,
                    max(
                        tileRows * dtype.rowBytes(hiddenWidth), tileRows * 4 * needs.patchLength,
                        Int(GANRM_NORM_SCRATCH_ROWS) * 4 * width)
                ),
                (
                    worker.layerInput,
                    tileRows
                        * max(
                            GANRM_INT8.rowBytes(hiddenWidth), GANRM_F32.rowBytes(width),
                            4 * needs.patchLength)
                ),
                (
                    worker.quantization,
                    Block.quantizationGroups * tileRows * MemoryLayout<ganrm_quantization>.stride
                ),
                (
                    worker.attention,
                    ganrm_attention_scratch_bytes(
                        Int64(sequences.longest), Int64(trunk.shape.headWidth))
                ),
            ]
        }
        let growing = sizes.filter { $0.byteCount > $0.buffer.byteCount }
        guard !growing.isEmpty else { return }
        let total = growing.reduce(0) { $0 + $1.byteCount }
        guard Memory.isAvailable(total) else { throw .outOfMemory(byteCount: total) }
        for (buffer, byteCount) in growing { buffer.reserve(byteCount: byteCount) }
    }
}
