/// The products of one head's attention, for a given number of queries.
struct AttentionProducts: Sendable {
    /// Queries · all keys of the clip → scores.
    let scores: Matmul
    /// Exponentials of the scores · all values of the clip → the head's part of the context, but
    /// for a factor per query: 1 / sum of the exponentials. Scaling these few numbers is cheaper
    /// than scaling all scores.
    let context: Matmul

    /// From one row of scores to the next, in numbers: a whole number of cache lines.
    static func scoreStride(tokens: Int) -> Int { (tokens + 31) / 32 * 32 }

    /// - Parameters:
    ///   - rows: Queries.
    ///   - tokens: Of the whole clip.
    init(
        _ configuration: VisionTransformerConfiguration, rows: Int, tokens: Int,
        precision: Precision, workers: Int
    ) throws(EncoderError) {
        let width = configuration.width
        let headWidth = width / configuration.heads
        let scoreStride = Self.scoreStride(tokens: tokens)
        // [rows, headWidth] · [tokens, headWidth]ᵀ, both inside [tokens, 3 · width].
        scores = try Matmul(
            MatmulShape(
                rows: rows, inner: headWidth, columns: tokens, sourceStride: 3 * width,
                weights: .strided(row: 1, column: 3 * width), destinationStride: scoreStride,
                epilogue: .none, precision: precision, destinationPrecision: .f32),
            workers: workers)
        // [rows, tokens] · [tokens, headWidth] → [rows, headWidth].
        context = try Matmul(
            MatmulShape(
                rows: rows, inner: tokens, columns: headWidth, sourceStride: scoreStride,
                weights: .strided(row: 3 * width, column: 1), destinationStride: headWidth,
                epilogue: .none, precision: precision, destinationPrecision: .f32),
            workers: workers)
    }

    /// Scratch memory that the hungrier of them needs.
    var scratchByteCount: Int { max(scores.scratchByteCount, context.scratchByteCount) }
}
