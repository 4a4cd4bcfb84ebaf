/// All matrix products of a tile with a given number of rows.
struct TileProducts: Sendable {
    let rows: Int
    /// Unfolded patches → tokens, added to what stands there.
    let patches: Matmul
    let queryKeyValue: Matmul
    /// Queries of one head · all its keys → scores.
    let scores: Matmul
    /// Softmax · all values of one head → its part of the context.
    let context: Matmul
    /// Context → tokens, added to the residual stream.
    let output: Matmul
    let fc1: Matmul
    /// Perceptron's inner numbers → tokens, added to the residual stream.
    let fc2: Matmul

    /// From one row of scores to the next, in numbers: a whole number of cache lines.
    static func scoreStride(tokens: Int) -> Int { (tokens + 31) / 32 * 32 }

    /// - Parameters:
    ///   - tokens: Of the whole clip.
    ///   - layouts: Of weights that are packed already; nil lets oneDNN choose.
    init(
        _ configuration: VisionTransformerConfiguration, rows: Int, tokens: Int,
        precision: Precision, layouts: Layouts?, workers: Int
    ) throws(EncoderError) {
        let width = configuration.width
        let headWidth = width / configuration.heads
        let hidden = configuration.hiddenWidth
        let patchLength = 3 * configuration.patchSize * configuration.patchSize
        let scoreStride = Self.scoreStride(tokens: tokens)

        func layer(
            _ inner: Int, _ columns: Int, _ epilogue: MatmulShape.Epilogue,
            into destination: Precision, _ layout: MatrixLayout?
        ) throws(EncoderError) -> Matmul {
            try Matmul(
                MatmulShape(
                    rows: rows, inner: inner, columns: columns, sourceStride: inner,
                    weights: .packed, destinationStride: columns, epilogue: epilogue,
                    precision: precision, destinationPrecision: destination),
                weightsLayout: layout, workers: workers)
        }
        self.rows = rows
        patches = try layer(patchLength, width, .sum, into: .f32, layouts?.patches)
        queryKeyValue = try layer(
            width, 3 * width, .none, into: precision, layouts?.queryKeyValue)
        output = try layer(width, width, .sum, into: .f32, layouts?.output)
        fc1 = try layer(
            width, hidden, .activation(configuration.activation), into: precision, layouts?.fc1)
        fc2 = try layer(hidden, width, .sum, into: .f32, layouts?.fc2)
        // [rows, headWidth] · [tokens, headWidth]ᵀ, both inside [tokens, 3 · width].
        scores = try Matmul(
            MatmulShape(
                rows: rows, inner: headWidth, columns: tokens, sourceStride: 3 * width,
                weights: .strided(row: 1, column: 3 * width), destinationStride: scoreStride,
                epilogue: .none, precision: precision, destinationPrecision: .f32),
            workers: workers)
        // [rows, tokens] · [tokens, headWidth] → a head's columns of [tokens, width].
        context = try Matmul(
            MatmulShape(
                rows: rows, inner: tokens, columns: headWidth, sourceStride: scoreStride,
                weights: .strided(row: 3 * width, column: 1), destinationStride: width,
                epilogue: .none, precision: precision, destinationPrecision: precision),
            workers: workers)
    }

    /// The layouts that oneDNN chose.
    var layouts: Layouts {
        Layouts(
            patches: patches.weightsLayout, queryKeyValue: queryKeyValue.weightsLayout,
            output: output.weightsLayout, fc1: fc1.weightsLayout, fc2: fc2.weightsLayout)
    }

    /// Scratch memory that the hungriest of them needs.
    var scratchByteCount: Int {
        [patches, queryKeyValue, scores, context, output, fc1, fc2]
            .map(\.scratchByteCount).max() ?? 0
    }
}
