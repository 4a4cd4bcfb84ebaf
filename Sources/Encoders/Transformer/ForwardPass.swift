internal import CKernels

/// The forward pass of a few clips of equal length.
///
/// Two kinds of stages alternate: row-wise layers, from attention's output projection to the next
/// block's queries, whose tasks are tiles of rows, and attention, whose tasks are some queries of a
/// clip's head. A row's result does not depend on the other rows, so tiles may cross clip
/// boundaries. A task waits for its own clips only and must not touch the memory of others.
struct ForwardPass {
    private let model: VisionTransformer
    private let plan: ForwardPlan
    private let workspace: Workspace
    private let clips: [PixelClip]
    /// The blocks after which tokens are pooled, counted from 1.
    private let taps: [Int]
    /// Number of blocks to compute.
    private let blockCount: Int
    private let width: Int
    /// Tokens per clip.
    private let tokens: Int
    private let kernels: ganrm_kernels
    /// Tiles of the rows of all clips.
    private let tiles: Tiles

    /// - Throws: `EncoderError.outOfMemory`.
    init(
        _ model: VisionTransformer, _ plan: ForwardPlan, _ workspace: Workspace, clips: [PixelClip],
        untilMotionBlock: Bool
    ) throws(EncoderError) {
        self.model = model
        if untilMotionBlock {
            guard let motionBlock = model.motionBlock else {
                preconditionFailure("the model has no motion block")
            }
            taps = []
            blockCount = motionBlock
        } else {
            taps = model.taps
            blockCount = model.blocks.count
        }
        self.plan = plan
        self.workspace = workspace
        self.clips = clips
        width = model.configuration.width
        tokens = plan.tokens
        kernels = model.kernels
        tiles = Tiles.ofRows(clips.count * plan.tokens, workers: workspace.pool.workers.count)
        try workspace.reserve(model, plan, clips: clips.count, tileRows: tiles.size)
    }

    func embeddings() -> [Embedding] {
        var stages = [
            rowStage { worker, rows in
                embedTokens(worker, rows)
                projectQueryKeyValue(worker, rows, block: 0)
            }
        ]
        for block in 0..<blockCount {
            let isLast = block == blockCount - 1
            let pools = block == model.blocks.count - 1 && model.poolsHidden
            stages.append(attentionStage(attend))
            // Projecting the next block's queries does not change the residual stream, so a tap can
            // still read this block's tokens afterwards.
            stages.append(
                rowStage { worker, rows in
                    finishBlock(worker, rows, block: block, pools: pools)
                    if !isLast { projectQueryKeyValue(worker, rows, block: block + 1) }
                })
            if block + 1 == model.motionBlock { stages.append(clipStage(copyPatches)) }
            guard let tap = taps.firstIndex(of: block + 1) else { continue }
            stages.append(
                clipStage { worker, clip in
                    pool(worker, clip, tap: tap, isOutput: block == model.configuration.layers - 1)
                    if pools { poolHidden(worker, clip) }
                })
            if pools { stages.append(pooledStage { addPooledMLP($0, $1, tap: tap, block: block) }) }
        }
        workspace.pool.run(stages, clips: clips.count)
        return clips.indices.map(embedding)
    }
}

// MARK: Stages

extension ForwardPass {
    private func rowStage(_ body: @escaping (Worker, _ rows: Range<Int>) -> Void) -> Stage {
        Stage(
            count: tiles.count,
            clips: { task in
                let rows = tiles[task]
                return rows.lowerBound / tokens..<(rows.upperBound - 1) / tokens + 1
            }
        ) { worker, task in body(worker, tiles[task]) }
    }

    /// Tiles of the same head are consecutive, so that workers share its keys and values in the
    /// cache.
    private func attentionStage(
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

    private func clipStage(_ body: @escaping (Worker, _ clip: Int) -> Void) -> Stage {
        Stage(count: clips.count, clips: { $0..<$0 + 1 }, body: body)
    }

    /// A stage over the CLS and mean rows of all clips.
    private func pooledStage(_ body: @escaping (Worker, _ rows: Range<Int>) -> Void) -> Stage {
        let tiles = Tiles.ofRows(2 * clips.count, workers: workspace.pool.workers.count)
        return Stage(count: tiles.count, clips: { _ in clips.indices }) { worker, task in
            body(worker, tiles[task])
        }
    }
}

// MARK: Buffers

extension ForwardPass {
    /// A row of the residual stream.
    private func residual(_ row: Int) -> UnsafeMutablePointer<Float> {
        workspace.residual.pointer(to: Float.self) + row * width
    }

    /// Address of a row's query (0), key (1) or value (2), or a head's part of it.
    private func projected(_ row: Int, _ projection: Int, head: Int = 0) -> UnsafeMutableRawPointer
    {
        let column = projection * width + head * model.configuration.headWidth
        return workspace.projections.base
            + (row * model.projectionStride + column) * model.activationDType.byteCount
    }

    /// The last block's hidden activations, if they are pooled.
    private func hidden(_ row: Int) -> UnsafeMutableRawPointer { projected(row, 0) }

    private func context(_ row: Int, head: Int = 0) -> UnsafeMutableRawPointer {
        let dtype = model.activationDType
        return workspace.context.base + row * dtype.rowBytes(width)
            + head * model.configuration.headWidth * dtype.byteCount
    }

    /// CLS and mean of a clip after a tap, `[2, width]`.
    private func pooled(_ clip: Int, tap: Int) -> UnsafeMutablePointer<Float> {
        workspace.pooled.pointer(to: Float.self) + (tap * clips.count + clip) * 2 * width
    }

    /// A clip's patch tokens after the motion block, `[patches, frames, width]`.
    private func motionPatches(_ clip: Int) -> UnsafeMutablePointer<Float> {
        workspace.motionPatches.pointer(to: Float.self) + clip * (tokens - 1) * width
    }

    /// CLS and mean of a clip's hidden activations, `[2, hidden width]`.
    private func pooledHidden(_ clip: Int) -> UnsafeMutablePointer<Float> {
        workspace.pooledHidden.pointer(to: Float.self) + clip * 2 * model.configuration.hiddenWidth
    }
}

// MARK: Tasks

extension ForwardPass {
    /// Pixels → tokens, with the input norm if there is one.
    private func embedTokens(_ worker: Worker, _ rows: Range<Int>) {
        let embedding = plan.embedding
        let patches = model.patches
        let length = patches.paddedInner
        let unfolded = worker.activations.pointer(to: Float.self)
        for row in rows {
            let (clip, token) = row.quotientAndRemainder(dividingBy: tokens)
            let patch = unfolded + (row - rows.lowerBound) * length
            (patch + patches.inner).update(repeating: 0, count: length - patches.inner)
            embedding.unfold(clips[clip], token: token, into: patch)
            embedding.base.withUnsafeBufferPointer { base in
                guard let base = base.baseAddress else { return }
                residual(row).update(from: base + token * width, count: width)
            }
        }
        let input = patchInput(worker, rows.count)
        worker.lap(.rest)
        let tokens = residual(rows.lowerBound)
        patches(input, into: tokens, GANRM_ADD_F32, kernels: kernels)
        worker.lap(.linear)
        model.inputNorm?(tokens, count: rows.count, into: tokens, kernels: kernels)
    }

    /// A tile's unfolded patches → the layer's dtype.
    private func patchInput(_ worker: Worker, _ count: Int) -> LayerInput {
        let (dtype, length) = (model.patches.dtype, model.patches.paddedInner)
        let unfolded = worker.activations.pointer(to: Float.self)
        let quantization = worker.quantization.pointer(to: ganrm_quantization.self)
        let stride = length * dtype.byteCount
        guard dtype != GANRM_F32 else {
            return LayerInput(base: unfolded, count: count, stride: stride)
        }
        if dtype == GANRM_INT8 {
            kernels.f32_to_int8(
                unfolded, Int64(count), Int64(length), Int64(length),
                worker.layerInput.pointer(to: UInt8.self), Int64(stride), quantization)
        } else {
            kernels.f32_to_bf16(
                unfolded, Int64(count * length), worker.layerInput.pointer(to: UInt16.self))
        }
        return LayerInput(
            base: worker.layerInput.base, count: count, stride: stride, quantization: quantization)
    }

    /// Tokens → queries, keys and values of a block.
    private func projectQueryKeyValue(_ worker: Worker, _ rows: Range<Int>, block: Int) {
        let block = model.blocks[block]
        block.queryKeyValue(
            normalization(worker, rows, block.norm1, for: block.queryKeyValue),
            into: projected(rows.lowerBound, 0), stride: model.projectionStride,
            model.activationDType.destination, kernels: kernels)
        worker.lap(.linear)
    }

    /// softmax(queries · keysᵀ) · values of one head, for some of a clip's queries.
    private func attend(_ worker: Worker, _ clip: Int, _ queries: Range<Int>, _ head: Int) {
        let configuration = model.configuration
        var shape = ganrm_attention_shape(
            tokens: Int64(tokens), head_width: Int64(configuration.headWidth),
            stride: Int64(model.projectionStride),
            out_stride: Int64(model.activationDType.rowStride(width)),
            scale: 1, cls_softmax_16bit: queries.lowerBound == 0)
        let first = clip * tokens
        let row = first + queries.lowerBound
        let (query, key, value) = (
            projected(row, 0, head: head), projected(first, 1, head: head),
            projected(first, 2, head: head)
        )
        let (out, count) = (context(row, head: head), Int64(queries.count))
        let attend =
            switch model.arithmetic {
            case .f32: kernels.attention
            case .bf16: kernels.attention_bf16
            case .int8: kernels.attention_int8
            }
        guard let attend else { preconditionFailure("no attention at \(model.precision)") }
        attend(&shape, query, count, key, value, out, worker.attention.base)
        worker.lap(.attention)
    }

    /// Attention's output projection and the MLP, both added to the residual stream.
    ///
    /// - Parameter pools: Whether to stop after the MLP's hidden activations, which will be pooled.
    private func finishBlock(_ worker: Worker, _ rows: Range<Int>, block: Int, pools: Bool) {
        let block = model.blocks[block]
        let dtype = model.activationDType
        let tokens = residual(rows.lowerBound)
        block.output(
            input(worker, context(rows.lowerBound), rows.count, for: block.output),
            into: tokens, GANRM_ADD_F32, kernels: kernels)
        worker.lap(.linear)
        block.fc1(
            normalization(worker, rows, block.norm2, for: block.fc1),
            activation: model.configuration.activation.kernel,
            into: pools ? hidden(rows.lowerBound) : worker.activations.base,
            stride: pools ? model.projectionStride : dtype.rowStride(block.fc2.inner),
            dtype.destination, kernels: kernels)
        worker.lap(.linear)
        guard !pools else { return }
        block.fc2(
            input(worker, worker.activations.base, rows.count, for: block.fc2), into: tokens,
            GANRM_ADD_F32, kernels: kernels)
        worker.lap(.linear)
    }

    /// Tokens → layer norm → a layer's dtype.
    private func normalization(
        _ worker: Worker, _ rows: Range<Int>, _ norm: LayerNorm, for layer: LinearLayer
    ) -> LayerInput {
        let stride = layer.dtype.rowBytes(layer.inner)
        norm(
            residual(rows.lowerBound), count: rows.count, into: worker.layerInput.base,
            stride: stride, dtype: layer.dtype,
            quantization: worker.quantization.pointer(to: ganrm_quantization.self),
            scratch: worker.activations.pointer(to: Float.self), kernels: kernels)
        worker.lap(.rest)
        return LayerInput(
            base: worker.layerInput.base, count: rows.count, stride: stride,
            quantization: worker.quantization.pointer(to: ganrm_quantization.self))
    }

    /// Attention's output or hidden activations → a layer's dtype.
    private func input(
        _ worker: Worker, _ rows: UnsafeMutableRawPointer, _ count: Int, for layer: LinearLayer
    ) -> LayerInput {
        let stride = layer.dtype.rowBytes(layer.inner)
        guard layer.dtype == GANRM_INT8 else {
            return LayerInput(base: rows, count: count, stride: stride)
        }
        let quantization = worker.quantization.pointer(to: ganrm_quantization.self)
        kernels.bf16_to_int8(
            rows.assumingMemoryBound(to: UInt16.self), Int64(count), Int64(layer.inner),
            Int64(model.activationDType.rowStride(layer.inner)), Int64(layer.groups),
            worker.layerInput.pointer(to: UInt8.self), Int64(stride), quantization)
        worker.lap(.rest)
        return LayerInput(
            base: worker.layerInput.base, count: count, stride: stride, quantization: quantization)
    }

    /// Copies a clip's patch tokens before the next block changes them.
    private func copyPatches(_ worker: Worker, _ clip: Int) {
        motionPatches(clip).update(
            from: residual(clip * tokens + 1), count: (tokens - 1) * width)
        worker.lap(.rest)
    }

    /// Pools a clip's tokens: CLS and mean.
    private func pool(_ worker: Worker, _ clip: Int, tap: Int, isOutput: Bool) {
        let tokens = residual(clip * self.tokens)
        if isOutput, let norm = model.outputNorm {
            // In place: nothing reads the residual stream after the last block.
            norm(tokens, count: self.tokens, into: tokens, kernels: kernels)
        }
        let pooled = pooled(clip, tap: tap)
        pooled.update(from: tokens, count: width)
        kernels.column_means(
            GANRM_F32, tokens, Int64(self.tokens), Int64(width), Int64(width), pooled + width)
        worker.lap(.rest)
    }

    /// Pools a clip's hidden activations: CLS and mean.
    private func poolHidden(_ worker: Worker, _ clip: Int) {
        let (width, stride) = (
            Int64(model.configuration.hiddenWidth), Int64(model.projectionStride)
        )
        let (hidden, pooled) = (hidden(clip * tokens), pooledHidden(clip))
        // The mean of a single row, CLS, converts it to f32.
        for (rows, out) in [(1, pooled), (tokens, pooled + Int(width))] {
            kernels.column_means(model.activationDType, hidden, Int64(rows), stride, width, out)
        }
        worker.lap(.rest)
    }

    /// Adds the MLP's output, computed from pooled hidden activations, to CLS and mean.
    private func addPooledMLP(_ worker: Worker, _ rows: Range<Int>, tap: Int, block: Int) {
        let layer = model.blocks[block].fc2
        let stride = layer.inner * layer.dtype.byteCount
        layer(
            LayerInput(
                base: workspace.pooledHidden.base + rows.lowerBound * stride, count: rows.count,
                stride: stride),
            into: pooled(0, tap: tap) + rows.lowerBound * width, GANRM_ADD_F32, kernels: kernels)
        worker.lap(.linear)
    }

    private func embedding(_ clip: Int) -> Embedding {
        var cls: [Float] = []
        var mean: [Float] = []
        for tap in taps.indices {
            let rows = UnsafeBufferPointer(start: pooled(clip, tap: tap), count: 2 * width)
            cls += rows[..<width]
            mean += rows[width...]
        }
        return Embedding(cls: cls, mean: mean, width: width, patches: patches(of: clip))
    }

    /// A clip's patch tokens of the motion block, `[frames][patches · width]`.
    private func patches(of clip: Int) -> [[Float]] {
        guard model.motionBlock != nil else { return [] }
        let (first, frames) = (motionPatches(clip), plan.embedding.frames)
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
