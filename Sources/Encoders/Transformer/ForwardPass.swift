internal import CKernels

/// One pass of a few clips of equal length through the transformer.
///
/// Two kinds of tasks alternate, each kind shared out over all workers: tiles (everything that
/// treats tokens one by one, from the attention's output to the next block's queries) and heads
/// (attention of one tile's queries to all tokens of the clip).
struct ForwardPass {
    private let model: VisionTransformer
    private let plan: ClipPlan
    private let workspace: Workspace
    private let clips: [PixelClip]
    private let width: Int
    private let tokens: Int
    private let precision: Precision
    private let rowTiles: [RowTile]

    init(
        _ model: VisionTransformer, _ plan: ClipPlan, _ workspace: Workspace, clips: [PixelClip]
    ) {
        self.model = model
        self.plan = plan
        self.workspace = workspace
        self.clips = clips
        width = model.configuration.width
        tokens = plan.rowTiles.tokenCount
        precision = model.precision
        rowTiles = RowTile.cut(
            clips: clips.count, tiles: plan.rowTiles, clipsPerTile: plan.clipsPerTile,
            workers: workspace.pool.workers.count)
        workspace.reserve(
            plan, model.configuration, clips: clips.count, taps: model.taps.count)
    }

    func embeddings() throws(EncoderError) -> [Embedding] {
        try forEachTile { (worker, tile) throws(EncoderError) in
            try embedTokens(worker, tile)
            try projectQueryKeyValue(worker, tile, block: 0)
        }
        for block in model.blocks.indices {
            try forEachHead { (worker, clip, queries, head) throws(EncoderError) in
                try attend(worker, clip, queries, head)
            }
            let isLast = block == model.blocks.count - 1
            // The next block's queries leave the residual stream alone, so a tap still finds
            // this block's tokens there.
            try forEachTile { (worker, tile) throws(EncoderError) in
                try finishBlock(worker, tile, block: block)
                if !isLast { try projectQueryKeyValue(worker, tile, block: block + 1) }
            }
            if let tap = model.taps.firstIndex(of: block + 1) {
                try workspace.pool.forEach(clips.count) { (worker, clip) throws(EncoderError) in
                    pool(worker, clip, tap: tap, isOutput: block == model.configuration.layers - 1)
                }
            }
        }
        return clips.indices.map(embedding)
    }
}

// MARK: Memory

extension ForwardPass {
    private func residual(_ clip: Int, _ token: Int) -> UnsafeMutablePointer<Float> {
        workspace.residual.pointer(to: Float.self) + (clip * tokens + token) * width
    }

    /// Where a token's query (0), key (1) or value (2) of a head begins.
    private func projected(
        _ clip: Int, _ token: Int, _ part: Int, head: Int = 0
    ) -> UnsafeMutableRawPointer {
        let headWidth = width / model.configuration.heads
        let element = ((clip * tokens + token) * 3 + part) * width + head * headWidth
        return workspace.queryKeyValue.base + element * precision.byteCount
    }

    private func context(
        _ clip: Int, _ token: Int, head: Int = 0
    ) -> UnsafeMutableRawPointer {
        let headWidth = width / model.configuration.heads
        let element = (clip * tokens + token) * width + head * headWidth
        return workspace.context.base + element * precision.byteCount
    }

    /// CLS and mean of a clip after a tap, `[2, width]`.
    private func pooled(_ clip: Int, tap: Int) -> UnsafeMutablePointer<Float> {
        workspace.pooled.pointer(to: Float.self) + (clip * model.taps.count + tap) * 2 * width
    }
}

// MARK: Tasks

extension ForwardPass {
    private func forEachTile(
        _ body: (Worker, RowTile) throws(EncoderError) -> Void
    ) throws(EncoderError) {
        try workspace.pool.forEach(rowTiles.count) { (worker, task) throws(EncoderError) in
            try body(worker, rowTiles[task])
        }
    }

    /// A head's tiles follow each other, so that neighbours in time share keys and values.
    private func forEachHead(
        _ body: (Worker, _ clip: Int, _ queries: Range<Int>, _ head: Int) throws(EncoderError) ->
            Void
    ) throws(EncoderError) {
        let tiles = plan.queryTiles
        let heads = model.configuration.heads
        try workspace.pool.forEach(clips.count * heads * tiles.count) {
            (worker, task) throws(EncoderError) in
            let (pair, tile) = task.quotientAndRemainder(dividingBy: tiles.count)
            try body(worker, pair / heads, tiles[tile], pair % heads)
        }
    }

    /// Pixels → tokens, normalised if the encoder does that.
    private func embedTokens(_ worker: Worker, _ tile: RowTile) throws(EncoderError) {
        let embedding = plan.embedding
        let patchLength = model.configuration.patchLength
        let rows = worker.wide.pointer(to: Float.self)
        let destination = residual(tile.firstClip, tile.tokens.lowerBound)
        for index in 0..<tile.clipCount {
            let first = index * tile.tokens.count
            clips[tile.firstClip + index].elements.withUnsafeBufferPointer { pixels in
                guard let pixels = pixels.baseAddress else { return }
                embedding.unfold(pixels, tokens: tile.tokens, into: rows + first * patchLength)
            }
            embedding.base.withUnsafeBufferPointer { base in
                guard let base = base.baseAddress else { return }
                (destination + first * width).update(
                    from: base + tile.tokens.lowerBound * width, count: tile.tokens.count * width)
            }
        }
        var source = UnsafeMutableRawPointer(rows)
        if precision == .bf16 {
            let rounded = worker.normalised.pointer(to: UInt16.self)
            model.kernels.to_bf16(rows, Int64(tile.rowCount * patchLength), rounded)
            source = UnsafeMutableRawPointer(rounded)
        }
        try plan.layers(rows: tile.rowCount).patches(
            source, model.patches, into: destination, worker: worker)
        model.inputNorm?(
            destination, count: tile.rowCount, into: destination, precision: .f32,
            kernels: model.kernels)
    }

    /// Tokens → queries, keys and values of a block.
    private func projectQueryKeyValue(
        _ worker: Worker, _ tile: RowTile, block: Int
    ) throws(EncoderError) {
        let block = model.blocks[block]
        block.norm1(
            residual(tile.firstClip, tile.tokens.lowerBound), count: tile.rowCount,
            into: worker.normalised.base, precision: precision, kernels: model.kernels)
        try plan.layers(rows: tile.rowCount).queryKeyValue(
            worker.normalised.base, block.queryKeyValue,
            into: projected(tile.firstClip, tile.tokens.lowerBound, 0), worker: worker)
    }

    /// softmax(queries · keysᵀ) · values of one head, for some of a clip's queries.
    private func attend(
        _ worker: Worker, _ clip: Int, _ queries: Range<Int>, _ head: Int
    ) throws(EncoderError) {
        let products = plan.attention(queries: queries.count)
        let scores = worker.scores.pointer(to: Float.self)
        try products.scores(
            projected(clip, queries.lowerBound, 0, head: head), projected(clip, 0, 1, head: head),
            into: scores, worker: worker)
        let (rows, stride) = (
            Int64(queries.count), Int64(AttentionProducts.scoreStride(tokens: tokens))
        )
        let gathered = worker.gathered.pointer(to: Float.self)
        let factors = worker.factors.pointer(to: Float.self)
        let values = projected(clip, 0, 2, head: head)
        let destination = context(clip, queries.lowerBound, head: head)
        let headWidth = Int64(width / model.configuration.heads)
        switch precision {
        case .f32:
            model.kernels.exponentials(scores, rows, Int64(tokens), stride, factors)
            try products.context(scores, values, into: gathered, worker: worker)
            model.kernels.scale_rows(
                gathered, rows, headWidth, factors,
                destination.assumingMemoryBound(to: Float.self), Int64(width))
        case .bf16:
            let rounded = worker.exponentials.pointer(to: UInt16.self)
            model.kernels.exponentials_bf16(
                scores, rows, Int64(tokens), stride, rounded, stride, factors)
            try products.context(rounded, values, into: gathered, worker: worker)
            model.kernels.scale_rows_bf16(
                gathered, rows, headWidth, factors,
                destination.assumingMemoryBound(to: UInt16.self), Int64(width))
        }
    }

    /// The attention's output projection and the perceptron, both added to the residual stream.
    private func finishBlock(
        _ worker: Worker, _ tile: RowTile, block: Int
    ) throws(EncoderError) {
        let block = model.blocks[block]
        let layers = plan.layers(rows: tile.rowCount)
        let (clip, token) = (tile.firstClip, tile.tokens.lowerBound)
        let tokens = residual(clip, token)
        try layers.output(context(clip, token), block.output, into: tokens, worker: worker)
        block.norm2(
            tokens, count: tile.rowCount, into: worker.normalised.base, precision: precision,
            kernels: model.kernels)
        try layers.fc1(worker.normalised.base, block.fc1, into: worker.wide.base, worker: worker)
        try layers.fc2(worker.wide.base, block.fc2, into: tokens, worker: worker)
    }

    /// CLS and mean of a clip's tokens.
    private func pool(_ worker: Worker, _ clip: Int, tap: Int, isOutput: Bool) {
        let tokens = residual(clip, 0)
        if isOutput, let norm = model.outputNorm {
            // Nothing reads the residual stream after the last block.
            norm(
                tokens, count: self.tokens, into: tokens, precision: .f32, kernels: model.kernels)
        }
        let pooled = pooled(clip, tap: tap)
        pooled.update(from: tokens, count: width)
        ganrm_column_means(tokens, Int64(self.tokens), Int64(width), pooled + width)
    }

    private func embedding(_ clip: Int) -> Embedding {
        var cls: [Float] = []
        var mean: [Float] = []
        for tap in model.taps.indices {
            let numbers = UnsafeBufferPointer(start: pooled(clip, tap: tap), count: 2 * width)
            cls += numbers[..<width]
            mean += numbers[width...]
        }
        return Embedding(cls: cls, mean: mean, width: width)
    }
}
