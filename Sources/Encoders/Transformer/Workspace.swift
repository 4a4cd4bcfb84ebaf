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

    /// The number of clips per forward pass: enough tiles for all workers, within limited memory;
    /// at least two, so that workers that have finished one clip's tasks of a stage can continue
    /// with another's.
    func clipsAtOnce(tokensPerClip: Int) -> Int {
        let tokens = max(2048, 1024 * pool.workers.count)
        return max(2, (tokens + tokensPerClip - 1) / tokensPerClip)
    }

    /// Grows the buffers to `clips` clips and tiles of up to `tileRows` rows.
    ///
    /// - Throws: `EncoderError.outOfMemory`.
    func reserve(
        _ model: VisionTransformer, _ plan: ForwardPlan, clips: Int, tileRows: Int
    ) throws(EncoderError) {
        let configuration = model.configuration
        let width = configuration.width
        let rows = clips * plan.tokens
        let dtype = model.activationDType
        var sizes: [(buffer: AlignedBuffer, byteCount: Int)] = [
            (residual, 4 * rows * width),
            (projections, dtype.byteCount * rows * model.projectionStride),
            (context, rows * dtype.rowBytes(width)),
            (pooled, 4 * 2 * clips * model.taps.count * width),
            (motionPatches, model.motionBlock == nil ? 0 : 4 * rows * width),
            (pooledHidden, model.poolsHidden ? 4 * 2 * clips * configuration.hiddenWidth : 0),
        ]
        let patchLength = model.patches.paddedInner
        for worker in pool.workers {
            sizes += [
                (
                    worker.activations,
                    max(
                        tileRows * dtype.rowBytes(configuration.hiddenWidth),
                        tileRows * 4 * patchLength, Int(GANRM_NORM_SCRATCH_ROWS) * 4 * width)
                ),
                (
                    worker.layerInput,
                    tileRows
                        * max(
                            GANRM_INT8.rowBytes(configuration.hiddenWidth),
                            GANRM_F32.rowBytes(width), 4 * patchLength)
                ),
                (
                    worker.quantization,
                    Block.quantizationGroups * tileRows * MemoryLayout<ganrm_quantization>.stride
                ),
                (
                    worker.attention,
                    ganrm_attention_scratch_bytes(
                        Int64(plan.tokens), Int64(configuration.headWidth))
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
