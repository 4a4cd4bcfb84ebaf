/// Everything prepared for clips of one frame count.
final class ClipPlan: Sendable {
    let embedding: TokenEmbedding
    /// For what treats tokens one by one.
    let rowTiles: TokenTiles
    /// For attention: queries per task.
    let queryTiles: TokenTiles
    /// How many clips may share a row tile, ascending, 1 the first.
    let clipsPerTile: [Int]
    /// By the number of rows.
    private let layers: [Int: LayerProducts]
    private let attention: [Int: AttentionProducts]

    /// Row tiles of about 128 tokens: enough to use the weights that pass through the cache, few
    /// enough for two workers to share an image. Long clips have tiles to spare: 224 are faster.
    static func rowTiles(tokens: Int) -> TokenTiles {
        TokenTiles(tokenCount: tokens, target: tokens < 1024 ? 128 : 224)
    }

    /// - Parameters:
    ///   - layouts: In which the weights are packed.
    ///   - independence: Tries whether short clips may share a tile.
    init(
        _ configuration: VisionTransformerConfiguration, weights: VisionWeights, frames: Int,
        precision: Precision, layouts: Layouts, workers: Int, independence: RowIndependence
    ) throws(EncoderError) {
        embedding = try TokenEmbedding(configuration, weights: weights, frames: frames)
        let tokens = configuration.tokenCount(frames: frames)
        rowTiles = Self.rowTiles(tokens: tokens)
        // A tile's scores, 128 × 2049 × 4 bytes, should stay in the second-level cache.
        queryTiles = TokenTiles(tokenCount: tokens, target: 128)

        func made(rows: Int) throws(EncoderError) -> LayerProducts {
            try LayerProducts(
                configuration, rows: rows, precision: precision, layouts: layouts,
                workers: workers)
        }
        var layers: [Int: LayerProducts] = [:]
        for rows in rowTiles.rowCounts { layers[rows] = try made(rows: rows) }
        var clipsPerTile = [1]
        if rowTiles.count == 1, let single = layers[tokens] {
            // 50-token images one by one leave a sixth of the speed to the weights' way from memory.
            while let count = clipsPerTile.last, count * 2 * tokens <= 256 {
                let merged = try made(rows: count * 2 * tokens)
                guard try independence.holds(single: single, merged: merged) else { break }
                layers[merged.rows] = merged
                clipsPerTile.append(count * 2)
            }
        }
        var attention: [Int: AttentionProducts] = [:]
        for rows in queryTiles.rowCounts {
            attention[rows] = try AttentionProducts(
                configuration, rows: rows, tokens: tokens, precision: precision,
                workers: workers)
        }
        self.clipsPerTile = clipsPerTile
        self.layers = layers
        self.attention = attention
    }

    func layers(rows: Int) -> LayerProducts {
        guard let products = layers[rows] else { preconditionFailure("no tile has \(rows) rows") }
        return products
    }

    func attention(queries: Int) -> AttentionProducts {
        guard let products = attention[queries] else {
            preconditionFailure("no tile has \(queries) queries")
        }
        return products
    }

    /// Makes room in a worker's buffers for any tile of these clips.
    func reserve(_ worker: Worker, configuration: VisionTransformerConfiguration) {
        let rows = layers.keys.max() ?? 0
        let scratch =
            layers.values.map(\.scratchByteCount) + attention.values.map(\.scratchByteCount)
        let scoreCount =
            queryTiles.tileRows * AttentionProducts.scoreStride(tokens: queryTiles.tokenCount)
        worker.scratchpad.reserve(byteCount: scratch.max() ?? 0)
        worker.wide.reserve(
            byteCount: 4 * rows * max(configuration.hiddenWidth, configuration.patchLength))
        worker.normalised.reserve(
            byteCount: 4 * rows * max(configuration.width, configuration.patchLength))
        worker.scores.reserve(byteCount: 4 * scoreCount)
        worker.exponentials.reserve(byteCount: 2 * scoreCount)
        worker.factors.reserve(byteCount: 4 * queryTiles.tileRows)
        worker.gathered.reserve(
            byteCount: 4 * queryTiles.tileRows * configuration.width / configuration.heads)
    }
}
