internal import CKernels

/// One pass of a few clips of equal length through the transformer.
///
/// Two kinds of tasks alternate, each kind shared out over all workers: tiles (everything that
/// treats tokens one by one, from the attention's output to the next block's queries) and heads
/// (attention of some of a clip's queries to all its tokens). Neither changes a bit of a row's result,
/// so tiles take rows wherever clips begin. A task waits for its own clips alone: it must not touch the memory of
/// others.
struct ForwardPass {
    private let model: VisionTransformer
    private let plan: ClipPlan
    private let workspace: Workspace
    private let clips: [PixelClip]
    /// The blocks whose tokens are pooled.
    private let taps: [Int]
    /// How many are computed.
    private let blockCount: Int
    private let width: Int
    /// Per clip.
    private let tokens: Int
    private let kernels: ganrm_kernels
    /// Of the rows of all clips.
    private let tiles: Tiles

    init(
        _ model: VisionTransformer, _ plan: ClipPlan, _ workspace: Workspace, clips: [PixelClip],
        untilFollowed: Bool
    ) {
        self.model = model
        taps = untilFollowed ? [] : model.taps
        blockCount = untilFollowed ? model.followedBlock ?? 0 : model.blocks.count
        self.plan = plan
        self.workspace = workspace
        self.clips = clips
        width = model.configuration.width
        tokens = plan.tokens
        kernels = model.kernels
        tiles = Tiles.ofRows(clips.count * plan.tokens, workers: workspace.pool.workers.count)
        workspace.reserve(model, plan, clips: clips.count, tileRows: tiles.size)
    }

    func embeddings() -> [Embedding] {
        var stages = [
            ofTiles { worker, rows in
                embedTokens(worker, rows)
                projectQueryKeyValue(worker, rows, block: 0)
            }
        ]
        for block in 0..<blockCount {
            let isLast = block == blockCount - 1
            let pools = block == model.blocks.count - 1 && model.poolsInnerNumbers
            stages.append(ofHeads(attend))
            // The next block's queries leave the residual stream alone, so a tap still finds
            // this block's tokens there.
            stages.append(
                ofTiles { worker, rows in
                    finishBlock(worker, rows, block: block, pools: pools)
                    if !isLast { projectQueryKeyValue(worker, rows, block: block + 1) }
                })
            if block + 1 == model.followedBlock { stages.append(ofClips(keepPatches)) }
            guard let tap = taps.firstIndex(of: block + 1) else { continue }
            stages.append(
                ofClips { worker, clip in
                    pool(worker, clip, tap: tap, isOutput: block == model.configuration.layers - 1)
                    if pools { poolInner(worker, clip) }
                })
            if pools { stages.append(ofPooled { addInner($0, $1, tap: tap, block: block) }) }
        }
        workspace.pool.run(stages, clips: clips.count)
        return clips.indices.map(embedding)
    }
}

// MARK: Stages

extension ForwardPass {
    private func ofTiles(_ body: @escaping (Worker, _ rows: Range<Int>) -> Void) -> Stage {
        Stage(
            count: tiles.count,
            clips: { task in
                let rows = tiles[task]
                return rows.lowerBound / tokens..<(rows.upperBound - 1) / tokens + 1
            }
        ) { worker, task in body(worker, tiles[task]) }
    }

    /// A head's tiles follow each other, so that neighbours in time share keys and values.
    private func ofHeads(
        _ body: @escaping (Worker, _ clip: Int, _ queries: Range<Int>, _ head: Int) -> Void
    ) -> Stage {
        let (heads, tiles) = (model.configuration.heads, plan.queryTiles)
        let perClip = heads * tiles.count
        return Stage(
            count: clips.count * perClip, clips: { $0 / perClip..<$0 / perClip + 1 }
        ) { worker, task in
            let (pair, tile) = task.quotientAndRemainder(dividingBy: tiles.count)
            body(worker, pair / heads, tiles[tile], pair % heads)
        }
    }

    private func ofClips(_ body: @escaping (Worker, _ clip: Int) -> Void) -> Stage {
        Stage(count: clips.count, clips: { $0..<$0 + 1 }, body: body)
    }

    /// Of CLS and mean of all clips.
    private func ofPooled(_ body: @escaping (Worker, _ rows: Range<Int>) -> Void) -> Stage {
        let tiles = Tiles.ofRows(2 * clips.count, workers: workspace.pool.workers.count)
        return Stage(count: tiles.count, clips: { _ in clips.indices }) { worker, task in
            body(worker, tiles[task])
        }
    }
}

// MARK: Memory

extension ForwardPass {
    /// A row of the residual stream.
    private func residual(_ row: Int) -> UnsafeMutablePointer<Float> {
        workspace.residual.pointer(to: Float.self) + row * width
    }

    /// Where a row's queries (0), keys (1) or values (2) begin, or a head's among them.
    private func projected(_ row: Int, _ part: Int, head: Int = 0) -> UnsafeMutableRawPointer {
        let column = part * width + head * model.configuration.headWidth
        return workspace.projections.base
            + (row * model.projectionStride + column) * model.attentionNumber.byteCount
    }

    /// The inner numbers of the last block's perceptron, where they are pooled.
    private func inner(_ row: Int) -> UnsafeMutableRawPointer { projected(row, 0) }

    private func context(_ row: Int, head: Int = 0) -> UnsafeMutableRawPointer {
        let number = model.attentionNumber
        return workspace.context.base + row * number.stride(width)
            + head * model.configuration.headWidth * number.byteCount
    }

    /// CLS and mean of a clip after a tap, `[2, width]`.
    private func pooled(_ clip: Int, tap: Int) -> UnsafeMutablePointer<Float> {
        workspace.pooled.pointer(to: Float.self) + (tap * clips.count + clip) * 2 * width
    }

    /// A clip's patch tokens after the block that is followed, `[patches, frames, width]`.
    private func followed(_ clip: Int) -> UnsafeMutablePointer<Float> {
        workspace.followed.pointer(to: Float.self) + clip * (tokens - 1) * width
    }

    /// CLS and mean of a clip's inner numbers, `[2, hidden width]`.
    private func pooledInner(_ clip: Int) -> UnsafeMutablePointer<Float> {
        workspace.pooledInner.pointer(to: Float.self) + clip * 2 * model.configuration.hiddenWidth
    }
}

// MARK: Tasks

extension ForwardPass {
    /// Pixels → tokens, normalised if the encoder does that.
    private func embedTokens(_ worker: Worker, _ rows: Range<Int>) {
        let embedding = plan.embedding
        let patches = model.patches
        let length = patches.paddedInner
        let numbers = worker.wide.pointer(to: Float.self)
        for row in rows {
            let (clip, token) = row.quotientAndRemainder(dividingBy: tokens)
            let patch = numbers + (row - rows.lowerBound) * length
            (patch + patches.inner).update(repeating: 0, count: length - patches.inner)
            embedding.unfold(clips[clip], token: token, into: patch)
            embedding.base.withUnsafeBufferPointer { base in
                guard let base = base.baseAddress else { return }
                residual(row).update(from: base + token * width, count: width)
            }
        }
        let input = unfolded(worker, rows.count)
        worker.lap(.rest)
        let tokens = residual(rows.lowerBound)
        patches(input, into: tokens, GANRM_ADD_F32, kernels: kernels)
        worker.lap(.linear)
        model.inputNorm?(tokens, count: rows.count, into: tokens, kernels: kernels)
    }

    /// A tile's unfolded patches, rounded to the layer's numbers.
    private func unfolded(_ worker: Worker, _ count: Int) -> LayerInput {
        let (number, length) = (model.patches.number, model.patches.paddedInner)
        let numbers = worker.wide.pointer(to: Float.self)
        let scales = worker.scales.pointer(to: ganrm_byte_scale.self)
        let stride = length * number.byteCount
        guard number != GANRM_F32 else {
            return LayerInput(base: numbers, count: count, stride: stride)
        }
        if number == GANRM_INT8 {
            kernels.to_int8(
                numbers, Int64(count), Int64(length), Int64(length),
                worker.rounded.pointer(to: UInt8.self), Int64(stride), scales)
        } else {
            kernels.to_bf16(
                numbers, Int64(count * length), worker.rounded.pointer(to: UInt16.self))
        }
        return LayerInput(
            base: worker.rounded.base, count: count, stride: stride, scales: scales)
    }

    /// Tokens → queries, keys and values of a block.
    private func projectQueryKeyValue(_ worker: Worker, _ rows: Range<Int>, block: Int) {
        let block = model.blocks[block]
        block.queryKeyValue(
            normalised(worker, rows, block.norm1, for: block.queryKeyValue),
            into: projected(rows.lowerBound, 0), stride: model.projectionStride,
            model.attentionNumber.storing, kernels: kernels)
        worker.lap(.linear)
    }

    /// softmax(queries · keysᵀ) · values of one head, for some of a clip's queries.
    private func attend(_ worker: Worker, _ clip: Int, _ queries: Range<Int>, _ head: Int) {
        let configuration = model.configuration
        var shape = ganrm_attention(
            tokens: Int64(tokens), head_width: Int64(configuration.headWidth),
            stride: Int64(model.projectionStride),
            out_stride: Int64(model.attentionNumber.step(width)),
            scale: 1, fine_first: queries.lowerBound == 0)
        let first = clip * tokens
        let row = first + queries.lowerBound
        let (query, key, value) = (
            projected(row, 0, head: head), projected(first, 1, head: head),
            projected(first, 2, head: head)
        )
        let (out, count) = (context(row, head: head), Int64(queries.count))
        let attend =
            switch model.precision {
            case .f32: kernels.attention
            case .bf16: kernels.attention_bf16
            case .int8: kernels.attention_int8
            }
        attend?(&shape, query, count, key, value, out, worker.attention.base)
        worker.lap(.attention)
    }

    /// The attention's output projection and the perceptron, both added to the residual stream.
    ///
    /// - Parameter pools: The perceptron stops at its inner numbers, which will be pooled.
    private func finishBlock(_ worker: Worker, _ rows: Range<Int>, block: Int, pools: Bool) {
        let block = model.blocks[block]
        let number = model.attentionNumber
        let tokens = residual(rows.lowerBound)
        block.output(
            input(worker, context(rows.lowerBound), rows.count, for: block.output),
            into: tokens, GANRM_ADD_F32, kernels: kernels)
        worker.lap(.linear)
        block.fc1(
            normalised(worker, rows, block.norm2, for: block.fc1),
            activation: model.configuration.activation.kernel,
            into: pools ? inner(rows.lowerBound) : worker.wide.base,
            stride: pools ? model.projectionStride : number.step(block.fc2.inner),
            number.storing, kernels: kernels)
        worker.lap(.linear)
        guard !pools else { return }
        block.fc2(
            input(worker, worker.wide.base, rows.count, for: block.fc2), into: tokens,
            GANRM_ADD_F32, kernels: kernels)
        worker.lap(.linear)
    }

    /// Tokens, normalised and rounded to a layer's numbers.
    private func normalised(
        _ worker: Worker, _ rows: Range<Int>, _ norm: Norm, for layer: LinearLayer
    ) -> LayerInput {
        let stride = layer.number.stride(layer.inner)
        norm(
            residual(rows.lowerBound), count: rows.count, into: worker.rounded.base, stride: stride,
            number: layer.number, scales: worker.scales.pointer(to: ganrm_byte_scale.self),
            kernels: kernels)
        worker.lap(.rest)
        return LayerInput(
            base: worker.rounded.base, count: rows.count, stride: stride,
            scales: worker.scales.pointer(to: ganrm_byte_scale.self))
    }

    /// Rows as attention and activation leave them, rounded to a layer's numbers.
    private func input(
        _ worker: Worker, _ rows: UnsafeMutableRawPointer, _ count: Int, for layer: LinearLayer
    ) -> LayerInput {
        let stride = layer.number.stride(layer.inner)
        guard layer.number == GANRM_INT8 else {
            return LayerInput(base: rows, count: count, stride: stride)
        }
        let scales = worker.scales.pointer(to: ganrm_byte_scale.self)
        kernels.bf16_to_int8(
            rows.assumingMemoryBound(to: UInt16.self), Int64(count), Int64(layer.inner),
            Int64(model.attentionNumber.step(layer.inner)), Int64(layer.parts),
            worker.rounded.pointer(to: UInt8.self), Int64(stride), scales)
        worker.lap(.rest)
        return LayerInput(
            base: worker.rounded.base, count: count, stride: stride, scales: scales)
    }

    /// A clip's patch tokens, before the next block changes them.
    private func keepPatches(_ worker: Worker, _ clip: Int) {
        followed(clip).update(
            from: residual(clip * tokens + 1), count: (tokens - 1) * width)
        worker.lap(.rest)
    }

    /// CLS and mean of a clip's tokens.
    private func pool(_ worker: Worker, _ clip: Int, tap: Int, isOutput: Bool) {
        let tokens = residual(clip * self.tokens)
        if isOutput, let norm = model.outputNorm {
            // Nothing reads the residual stream after the last block.
            norm(tokens, count: self.tokens, into: tokens, kernels: kernels)
        }
        let pooled = pooled(clip, tap: tap)
        pooled.update(from: tokens, count: width)
        kernels.column_means(
            GANRM_F32, tokens, Int64(self.tokens), Int64(width), Int64(width), pooled + width)
        worker.lap(.rest)
    }

    /// CLS and mean of a clip's inner numbers.
    private func poolInner(_ worker: Worker, _ clip: Int) {
        let (width, stride) = (
            Int64(model.configuration.hiddenWidth), Int64(model.projectionStride)
        )
        let (inner, pooled) = (inner(clip * tokens), pooledInner(clip))
        // The mean of one row is that row in f32.
        for (rows, out) in [(1, pooled), (tokens, pooled + Int(width))] {
            kernels.column_means(model.attentionNumber, inner, Int64(rows), stride, width, out)
        }
        worker.lap(.rest)
    }

    /// What the perceptron adds to CLS and mean of clips.
    private func addInner(_ worker: Worker, _ rows: Range<Int>, tap: Int, block: Int) {
        let layer = model.blocks[block].fc2
        let stride = layer.inner * layer.number.byteCount
        layer(
            LayerInput(
                base: workspace.pooledInner.base + rows.lowerBound * stride, count: rows.count,
                stride: stride),
            into: pooled(0, tap: tap) + rows.lowerBound * width, GANRM_ADD_F32, kernels: kernels)
        worker.lap(.linear)
    }

    private func embedding(_ clip: Int) -> Embedding {
        var cls: [Float] = []
        var mean: [Float] = []
        for tap in taps.indices {
            let numbers = UnsafeBufferPointer(start: pooled(clip, tap: tap), count: 2 * width)
            cls += numbers[..<width]
            mean += numbers[width...]
        }
        return Embedding(cls: cls, mean: mean, width: width, patches: patches(of: clip))
    }

    /// A clip's patch tokens frame by frame.
    private func patches(of clip: Int) -> [[Float]] {
        guard model.followedBlock != nil else { return [] }
        let (first, frames) = (followed(clip), plan.embedding.frames)
        return (0..<frames).map { frame in
            Array(unsafeUninitializedCapacity: (tokens - 1) / frames * width) { buffer, count in
                for patch in 0..<(tokens - 1) / frames {
                    buffer.baseAddress.map {
                        ($0 + patch * width).initialize(
                            from: first + (patch * frames + frame) * width, count: width)
                    }
                }
                count = buffer.count
            }
        }
    }
}
