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

    init(
        _ model: VisionTransformer, _ plan: ClipPlan, _ workspace: Workspace, clips: [PixelClip]
    ) {
        self.model = model
        self.plan = plan
        self.workspace = workspace
        self.clips = clips
        width = model.configuration.width
        tokens = plan.tiles.tokenCount
        precision = model.precision
        workspace.reserve(
            plan, model.configuration, clips: clips.count, taps: model.taps.count)
    }

    func embeddings() throws(EncoderError) -> [Embedding] {
        try forEachTile { (worker, clip, tile) throws(EncoderError) in
            try embedTokens(worker, clip, tile)
            try projectQueryKeyValue(worker, clip, tile, block: 0)
        }
        for block in model.blocks.indices {
            try forEachHead { (worker, clip, tile, head) throws(EncoderError) in
                try attend(worker, clip, tile, head)
            }
            let isLast = block == model.blocks.count - 1
            // A tap's tokens are pooled before the next block's attention changes them: the next
            // block's queries leave them alone.
            try forEachTile { (worker, clip, tile) throws(EncoderError) in
                try finishBlock(worker, clip, tile, block: block)
                if !isLast { try projectQueryKeyValue(worker, clip, tile, block: block + 1) }
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
        _ body: (Worker, _ clip: Int, _ tile: Range<Int>) throws(EncoderError) -> Void
    ) throws(EncoderError) {
        let tiles = plan.tiles
        try workspace.pool.forEach(clips.count * tiles.count) {
            (worker, task) throws(EncoderError) in
            try body(worker, task / tiles.count, tiles[task % tiles.count])
        }
    }

    /// Heads of one clip follow each other tile by tile, so that neighbours in time share keys
    /// and values.
    private func forEachHead(
        _ body: (Worker, _ clip: Int, _ tile: Range<Int>, _ head: Int) throws(EncoderError) -> Void
    ) throws(EncoderError) {
        let tiles = plan.tiles
        let heads = model.configuration.heads
        try workspace.pool.forEach(clips.count * heads * tiles.count) {
            (worker, task) throws(EncoderError) in
            let (pair, tile) = task.quotientAndRemainder(dividingBy: tiles.count)
            try body(worker, pair / heads, tiles[tile], pair % heads)
        }
    }

    /// Pixels → tokens, normalised if the encoder does that.
    private func embedTokens(
        _ worker: Worker, _ clip: Int, _ tile: Range<Int>
    ) throws(EncoderError) {
        let embedding = plan.embedding
        let rows = worker.wide.pointer(to: Float.self)
        clips[clip].elements.withUnsafeBufferPointer { pixels in
            guard let pixels = pixels.baseAddress else { return }
            embedding.unfold(pixels, tokens: tile, into: rows)
        }
        var source = UnsafeMutableRawPointer(rows)
        if precision == .bf16 {
            let rounded = worker.normalised.pointer(to: UInt16.self)
            model.kernels.to_bf16(rows, Int64(tile.count * embedding.patchLength), rounded)
            source = UnsafeMutableRawPointer(rounded)
        }
        let destination = residual(clip, tile.lowerBound)
        embedding.base.withUnsafeBufferPointer { base in
            guard let base = base.baseAddress else { return }
            destination.update(from: base + tile.lowerBound * width, count: tile.count * width)
        }
        try plan.products(rows: tile.count).patches(
            source, model.patches, into: destination, worker: worker)
        model.inputNorm?(
            destination, count: tile.count, into: destination, precision: .f32,
            kernels: model.kernels)
    }

    /// Tokens → queries, keys and values of a block.
    private func projectQueryKeyValue(
        _ worker: Worker, _ clip: Int, _ tile: Range<Int>, block: Int
    ) throws(EncoderError) {
        let block = model.blocks[block]
        block.norm1(
            residual(clip, tile.lowerBound), count: tile.count, into: worker.normalised.base,
            precision: precision, kernels: model.kernels)
        try plan.products(rows: tile.count).queryKeyValue(
            worker.normalised.base, block.queryKeyValue,
            into: projected(clip, tile.lowerBound, 0), worker: worker)
    }

    /// softmax(queries · keysᵀ) · values of one head, for one tile's queries.
    private func attend(
        _ worker: Worker, _ clip: Int, _ tile: Range<Int>, _ head: Int
    ) throws(EncoderError) {
        let products = plan.products(rows: tile.count)
        let scores = worker.scores.pointer(to: Float.self)
        try products.scores(
            projected(clip, tile.lowerBound, 0, head: head), projected(clip, 0, 1, head: head),
            into: scores, worker: worker)
        let stride = Int64(TileProducts.scoreStride(tokens: tokens))
        var probabilities = worker.scores.base
        switch precision {
        case .f32:
            model.kernels.softmax(scores, Int64(tile.count), Int64(tokens), stride)
        case .bf16:
            probabilities = worker.probabilities.base
            model.kernels.softmax_bf16(
                scores, Int64(tile.count), Int64(tokens), stride,
                worker.probabilities.pointer(to: UInt16.self), stride)
        }
        try products.context(
            probabilities, projected(clip, 0, 2, head: head),
            into: context(clip, tile.lowerBound, head: head), worker: worker)
    }

    /// The attention's output projection and the perceptron, both added to the residual stream.
    private func finishBlock(
        _ worker: Worker, _ clip: Int, _ tile: Range<Int>, block: Int
    ) throws(EncoderError) {
        let block = model.blocks[block]
        let products = plan.products(rows: tile.count)
        let tokens = residual(clip, tile.lowerBound)
        try products.output(
            context(clip, tile.lowerBound), block.output, into: tokens, worker: worker)
        block.norm2(
            tokens, count: tile.count, into: worker.normalised.base, precision: precision,
            kernels: model.kernels)
        try products.fc1(
            worker.normalised.base, block.fc1, into: worker.wide.base, worker: worker)
        try products.fc2(worker.wide.base, block.fc2, into: tokens, worker: worker)
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
