/// Workers and the memory that clips on their way through the blocks take; grows to the largest
/// batch seen and is then reused.
final class Workspace {
    let pool: WorkerPool
    /// The residual stream, `[clips, tokens, width]`, f32.
    let residual = AlignedBuffer()
    /// Queries, keys and values, `[clips, tokens, 3, width]`.
    let queryKeyValue = AlignedBuffer()
    /// What attention gathered, `[clips, tokens, width]`.
    let context = AlignedBuffer()
    /// CLS and mean, `[clips, taps, 2, width]`, f32.
    let pooled = AlignedBuffer()

    init(threadCount: Int) throws(EncoderError) {
        pool = try WorkerPool(threadCount: threadCount)
    }

    /// How many clips go through the blocks together: enough tiles for all workers, without
    /// filling the memory with a large batch.
    func clipsAtOnce(tokensPerClip: Int) -> Int {
        let tokens = max(2048, 1024 * pool.workers.count)
        return max(1, (tokens + tokensPerClip - 1) / tokensPerClip)
    }

    /// Makes room for `clips` clips.
    func reserve(
        _ plan: ClipPlan, _ configuration: VisionTransformerConfiguration, clips: Int, taps: Int
    ) {
        let numbers = clips * plan.rowTiles.tokenCount * configuration.width
        residual.reserve(byteCount: 4 * numbers)
        queryKeyValue.reserve(byteCount: 4 * 3 * numbers)
        context.reserve(byteCount: 4 * numbers)
        pooled.reserve(byteCount: 4 * 2 * clips * taps * configuration.width)
        for worker in pool.workers { plan.reserve(worker, configuration: configuration) }
    }
}
