/// The products that treat tokens one by one, for a given number of rows.
struct LayerProducts: Sendable {
    let rows: Int
    /// Unfolded patches → tokens, added to what stands there.
    let patches: Matmul
    let queryKeyValue: Matmul
    /// Context → tokens, added to the residual stream.
    let output: Matmul
    let fc1: Matmul
    /// Perceptron's inner numbers → tokens, added to the residual stream.
    let fc2: Matmul

    /// - Parameter layouts: Of weights that are packed already; nil lets oneDNN choose.
    init(
        _ configuration: VisionTransformerConfiguration, rows: Int, precision: Precision,
        layouts: Layouts?, workers: Int
    ) throws(EncoderError) {
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
        let width = configuration.width
        let hidden = configuration.hiddenWidth
        self.rows = rows
        patches = try layer(
            configuration.patchLength, width, .sum, into: .f32, layouts?.patches)
        queryKeyValue = try layer(
            width, 3 * width, .none, into: precision, layouts?.queryKeyValue)
        output = try layer(width, width, .sum, into: .f32, layouts?.output)
        fc1 = try layer(
            width, hidden, .activation(configuration.activation), into: precision, layouts?.fc1)
        fc2 = try layer(hidden, width, .sum, into: .f32, layouts?.fc2)
    }

    /// The layouts that oneDNN chose.
    var layouts: Layouts {
        Layouts(
            patches: patches.weightsLayout, queryKeyValue: queryKeyValue.weightsLayout,
            output: output.weightsLayout, fc1: fc1.weightsLayout, fc2: fc2.weightsLayout)
    }

    /// Scratch memory that the hungriest of them needs.
    var scratchByteCount: Int {
        [patches, queryKeyValue, output, fc1, fc2].map(\.scratchByteCount).max() ?? 0
    }
}
