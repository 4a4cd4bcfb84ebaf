internal import CKernels

/// The forward pass of a few clips of equal length: pixels → tokens → blocks → pooled tokens.
struct ForwardPass {
    private let model: VisionTransformer
    private let plan: ForwardPlan
    private let workspace: Workspace
    private let clips: [PixelClip]
    private let blocks: BlockPass
    /// The blocks after which tokens are pooled, counted from 1.
    private let taps: [Int]
    /// Number of blocks to compute.
    private let blockCount: Int
    private let width: Int
    /// Tokens per clip.
    private let tokens: Int
    private let kernels: ganrm_kernels

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
            blockCount = model.trunk.blocks.count
        }
        self.plan = plan
        self.workspace = workspace
        self.clips = clips
        width = model.configuration.width
        tokens = plan.tokens
        kernels = model.trunk.kernels
        blocks = try BlockPass(
            model.trunk, Sequences(lengths: Array(repeating: plan.tokens, count: clips.count)),
            workspace,
            needs: Workspace.Needs(
                pooledRows: 2 * clips.count * model.taps.count,
                motionRows: model.motionBlock == nil ? 0 : clips.count * plan.tokens,
                pooledHiddenRows: model.trunk.poolsHidden ? 2 * clips.count : 0,
                patchLength: model.patches.paddedInner))
    }

    func embeddings() -> [Embedding] {
        var stages = [
            blocks.rowStage { worker, rows in
                embedTokens(worker, rows)
                blocks.projectQueryKeyValue(worker, rows, block: 0)
            }
        ]
        for block in 0..<blockCount {
            let isLast = block == blockCount - 1
            let pools = block == model.trunk.blocks.count - 1 && model.trunk.poolsHidden
            stages.append(blocks.attentionStage())
            // Projecting the next block's queries does not change the residual stream, so a tap can
            // still read this block's tokens afterwards.
            stages.append(
                blocks.rowStage { worker, rows in
                    blocks.finishBlock(worker, rows, block: block, pools: pools)
                    if !isLast { blocks.projectQueryKeyValue(worker, rows, block: block + 1) }
                })
            if block + 1 == model.motionBlock { stages.append(blocks.sequenceStage(copyPatches)) }
            guard let tap = taps.firstIndex(of: block + 1) else { continue }
            stages.append(
                blocks.sequenceStage { worker, clip in
                    pool(worker, clip, tap: tap, isOutput: block == model.configuration.layers - 1)
                    if pools { poolHidden(worker, clip) }
                })
            if pools { stages.append(pooledStage { addPooledMLP($0, $1, tap: tap, block: block) }) }
        }
        blocks.run(stages)
        return clips.indices.map(embedding)
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
                blocks.residual(row).update(from: base + token * width, count: width)
            }
        }
        let input = patchInput(worker, rows.count)
        worker.lap(.rest)
        let tokens = blocks.residual(rows.lowerBound)
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

    /// Copies a clip's patch tokens before the next block changes them.
    private func copyPatches(_ worker: Worker, _ clip: Int) {
        motionPatches(clip).update(
            from: blocks.residual(clip * tokens + 1), count: (tokens - 1) * width)
        worker.lap(.rest)
    }

    /// Pools a clip's tokens: CLS and mean.
    private func pool(_ worker: Worker, _ clip: Int, tap: Int, isOutput: Bool) {
        let tokens = blocks.residual(clip * self.tokens)
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
            Int64(model.configuration.hiddenWidth), Int64(model.trunk.projectionStride)
        )
        let (hidden, pooled) = (blocks.hidden(clip * tokens), pooledHidden(clip))
        // The mean of a single row, CLS, converts it to f32.
        for (rows, out) in [(1, pooled), (tokens, pooled + Int(width))] {
            kernels.column_means(
                model.trunk.activationDType, hidden, Int64(rows), stride, width, out)
        }
        worker.lap(.rest)
    }

    /// Adds the MLP's output, computed from pooled hidden activations, to CLS and mean.
    private func addPooledMLP(_ worker: Worker, _ rows: Range<Int>, tap: Int, block: Int) {
        let layer = model.trunk.blocks[block].fc2
        let stride = layer.inner * layer.dtype.byteCount
        layer(
            LayerInput(
                base: workspace.pooledHidden.base + rows.lowerBound * stride, count: rows.count,
                stride: stride),
            into: pooled(0, tap: tap) + rows.lowerBound * width, GANRM_ADD_F32, kernels: kernels)
        worker.lap(.linear)
    }

    private func embedding(_ clip: Int) -> Embedding {
        guard !model.keepsTokens else {
            let rows = UnsafeBufferPointer(
                start: blocks.residual(clip * tokens), count: tokens * width)
            return Embedding(features: Array(rows))
        }
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
