/// Everything prepared for clips of one frame count.
final class ClipPlan: Sendable {
    let embedding: TokenEmbedding
    let tiles: TokenTiles
    /// By the number of rows; one or two entries.
    private let products: [Int: TileProducts]

    init(
        _ configuration: VisionTransformerConfiguration, weights: VisionWeights, frames: Int,
        precision: Precision, layouts: Layouts?, workers: Int
    ) throws(EncoderError) {
        embedding = try TokenEmbedding(configuration, weights: weights, frames: frames)
        tiles = TokenTiles(tokenCount: configuration.tokenCount(frames: frames))
        var layouts = layouts
        var products: [Int: TileProducts] = [:]
        // The largest first: its layouts serve the others.
        for rows in tiles.rowCounts.sorted(by: >) {
            let made = try TileProducts(
                configuration, rows: rows, tokens: tiles.tokenCount, precision: precision,
                layouts: layouts, workers: workers)
            layouts = layouts ?? made.layouts
            products[rows] = made
        }
        self.products = products
    }

    func products(rows: Int) -> TileProducts {
        guard let products = products[rows] else {
            preconditionFailure("no tile has \(rows) rows")
        }
        return products
    }

    var layouts: Layouts { products(rows: tiles.tileRows).layouts }

    /// Makes room in a worker's buffers for any tile of these clips.
    func reserve(_ worker: Worker, configuration: VisionTransformerConfiguration) {
        let rows = tiles.tileRows
        let scoreCount = rows * TileProducts.scoreStride(tokens: tiles.tokenCount)
        worker.scratchpad.reserve(
            byteCount: products.values.map(\.scratchByteCount).max() ?? 0)
        worker.wide.reserve(
            byteCount: 4 * rows * max(configuration.hiddenWidth, embedding.patchLength))
        worker.normalised.reserve(
            byteCount: 4 * rows * max(configuration.width, embedding.patchLength))
        worker.scores.reserve(byteCount: 4 * scoreCount)
        worker.probabilities.reserve(byteCount: 2 * scoreCount)
    }
}
