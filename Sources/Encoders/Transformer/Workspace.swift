internal import CKernels

/// Workers and the memory that clips on their way through the blocks take; grows to the largest
/// batch seen and is then reused.
final class Workspace {
    let pool: WorkerPool
    /// The residual stream, `[clips, tokens, width]`, f32.
    let residual = AlignedBuffer()
    /// Queries, keys and values, `[clips, tokens, 3, width]`; after the last block's attention the
    /// perceptron's inner numbers, where they are pooled, `[clips, tokens, hidden width]`. With space between tokens.
    let projections = AlignedBuffer()
    /// What attention gathered, `[clips, tokens, width]`, with space between rows.
    let context = AlignedBuffer()
    /// CLS and mean, `[taps, clips, 2, width]`, f32.
    let pooled = AlignedBuffer()
    /// Patch tokens after the block that is followed, `[clips, patches, frames, width]`, f32.
    let followed = AlignedBuffer()
    /// Of the perceptron's inner numbers in the last block, `[clips, 2, hidden width]`, f32.
    let pooledInner = AlignedBuffer()

    init(threadCount: Int) {
        pool = WorkerPool(threadCount: threadCount)
    }

    /// How many clips go through the blocks together: enough tiles for all workers, without
    /// filling the memory with a large batch; two at least, since workers that are through with one
    /// clip's tasks of a stage need others to go on with.
    func clipsAtOnce(tokensPerClip: Int) -> Int {
        let tokens = max(2048, 1024 * pool.workers.count)
        return max(2, (tokens + tokensPerClip - 1) / tokensPerClip)
    }

    /// Makes room for `clips` clips, in tiles of up to `tileRows` rows.
    func reserve(_ model: VisionTransformer, _ plan: ClipPlan, clips: Int, tileRows: Int) {
        let configuration = model.configuration
        let width = configuration.width
        let rows = clips * plan.tokens
        let number = model.attentionNumber
        residual.reserve(byteCount: 4 * rows * width)
        projections.reserve(byteCount: number.byteCount * rows * model.projectionStride)
        context.reserve(byteCount: rows * number.stride(width))
        pooled.reserve(byteCount: 4 * 2 * clips * model.taps.count * width)
        followed.reserve(byteCount: model.followedBlock == nil ? 0 : 4 * rows * width)
        pooledInner.reserve(
            byteCount: model.poolsInnerNumbers ? 4 * 2 * clips * configuration.hiddenWidth : 0)
        let patchLength = model.patches.paddedInner
        for worker in pool.workers {
            worker.wide.reserve(
                byteCount: tileRows * max(number.stride(configuration.hiddenWidth), 4 * patchLength)
            )
            worker.rounded.reserve(
                byteCount: tileRows
                    * max(
                        GANRM_INT8.stride(configuration.hiddenWidth), GANRM_F32.stride(width),
                        4 * patchLength))
            worker.scales.reserve(
                byteCount: Block.parts * tileRows * MemoryLayout<ganrm_byte_scale>.stride)
            worker.attention.reserve(
                byteCount: ganrm_attention_scratch(
                    Int64(plan.tokens), Int64(configuration.headWidth)))
        }
    }
}
