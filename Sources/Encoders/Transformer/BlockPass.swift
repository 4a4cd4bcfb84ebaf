internal import CKernels

/// The way of sequences of tokens through a trunk's blocks.
///
/// Two kinds of stages alternate: row-wise layers, from attention's output projection to the next
/// block's queries, whose tasks are tiles of rows, and attention, whose tasks are some queries of a
/// sequence's head. A row's result does not depend on the other rows, so tiles may cross the
/// boundaries of sequences. A task waits for its own sequences only and must not touch the memory of
/// others.
struct BlockPass {
    let trunk: Trunk
    let sequences: Sequences
    /// Tiles of the rows of all sequences.
    let tiles: Tiles
    private let workspace: Workspace
    private let width: Int

    /// - Throws: `EncoderError.outOfMemory`.
    init(
        _ trunk: Trunk, _ sequences: Sequences, _ workspace: Workspace,
        needs: Workspace.Needs = .init()
    ) throws(EncoderError) {
        self.trunk = trunk
        self.sequences = sequences
        self.workspace = workspace
        width = trunk.shape.width
        tiles = Tiles.ofRows(sequences.rowCount, workers: workspace.pool.workers.count)
        try workspace.reserve(trunk, sequences, tileRows: tiles.size, needs: needs)
    }

    func run(_ stages: [Stage]) { workspace.pool.run(stages, clips: sequences.count) }
}

// MARK: Stages

extension BlockPass {
    func rowStage(_ body: @escaping (Worker, _ rows: Range<Int>) -> Void) -> Stage {
        Stage(count: tiles.count, clips: { sequences.indices(ofRows: tiles[$0]) }) { worker, task in
            body(worker, tiles[task])
        }
    }

    /// Attention of all sequences' heads.
    ///
    /// Tiles of the same head are consecutive, so that workers share its keys and values in the
    /// cache.
    func attentionStage() -> Stage {
        struct Task {
            var sequence: Int
            var head: Int
            var queries: Range<Int>
        }
        var tasks: [Task] = []
        for sequence in 0..<sequences.count {
            // The kernel needs to know where causal queries begin: one tile begins at the first token.
            let count = sequences[sequence].count
            let tiles = Tiles(count, target: trunk.shape.isCausal ? count : 1024)
            for head in 0..<trunk.shape.heads {
                tasks += (0..<tiles.count).map {
                    Task(sequence: sequence, head: head, queries: tiles[$0])
                }
            }
        }
        return Stage(
            count: tasks.count, clips: { tasks[$0].sequence..<tasks[$0].sequence + 1 }
        ) { worker, index in
            let task = tasks[index]
            attend(worker, task.sequence, task.queries, task.head)
        }
    }

    func sequenceStage(_ body: @escaping (Worker, _ sequence: Int) -> Void) -> Stage {
        Stage(count: sequences.count, clips: { $0..<$0 + 1 }, body: body)
    }
}

// MARK: Buffers

extension BlockPass {
    /// A row of the residual stream.
    func residual(_ row: Int) -> UnsafeMutablePointer<Float> {
        workspace.residual.pointer(to: Float.self) + row * width
    }

    /// Address of a row's query (0), key (1) or value (2), or a head's part of it.
    private func projected(_ row: Int, _ projection: Int, head: Int = 0) -> UnsafeMutableRawPointer
    {
        let column = projection * width + head * trunk.shape.headWidth
        return workspace.projections.base
            + (row * trunk.projectionStride + column) * trunk.activationDType.byteCount
    }

    /// The last block's hidden activations, if they are pooled.
    func hidden(_ row: Int) -> UnsafeMutableRawPointer { projected(row, 0) }

    private func context(_ row: Int, head: Int = 0) -> UnsafeMutableRawPointer {
        let dtype = trunk.activationDType
        return workspace.context.base + row * dtype.rowBytes(width)
            + head * trunk.shape.headWidth * dtype.byteCount
    }
}

// MARK: Tasks

extension BlockPass {
    /// Tokens → queries, keys and values of a block.
    func projectQueryKeyValue(_ worker: Worker, _ rows: Range<Int>, block: Int) {
        let block = trunk.blocks[block]
        block.queryKeyValue(
            normalization(worker, rows, block.norm1, for: block.queryKeyValue),
            into: projected(rows.lowerBound, 0), stride: trunk.projectionStride,
            trunk.activationDType.destination, kernels: trunk.kernels)
        worker.lap(.linear)
    }

    /// softmax(queries · keysᵀ) · values of one head, for some of a sequence's queries.
    private func attend(_ worker: Worker, _ sequence: Int, _ queries: Range<Int>, _ head: Int) {
        let rows = sequences[sequence]
        let isCausal = trunk.shape.isCausal
        var shape = ganrm_attention_shape(
            tokens: Int64(rows.count), head_width: Int64(trunk.shape.headWidth),
            stride: Int64(trunk.projectionStride),
            out_stride: Int64(trunk.activationDType.rowStride(width)),
            scale: 1, cls_softmax_16bit: !isCausal && queries.lowerBound == 0, is_causal: isCausal)
        let row = rows.lowerBound + queries.lowerBound
        let (query, key, value) = (
            projected(row, 0, head: head), projected(rows.lowerBound, 1, head: head),
            projected(rows.lowerBound, 2, head: head)
        )
        let (out, count) = (context(row, head: head), Int64(queries.count))
        let attend =
            switch trunk.arithmetic {
            case .f32: trunk.kernels.attention
            case .bf16: trunk.kernels.attention_bf16
            case .int8: trunk.kernels.attention_int8
            }
        guard let attend else { preconditionFailure("no attention in \(trunk.arithmetic)") }
        attend(&shape, query, count, key, value, out, worker.attention.base)
        worker.lap(.attention)
    }

    /// Attention's output projection and the MLP, both added to the residual stream.
    ///
    /// - Parameter pools: Whether to stop after the MLP's hidden activations, which will be pooled.
    func finishBlock(_ worker: Worker, _ rows: Range<Int>, block: Int, pools: Bool = false) {
        let block = trunk.blocks[block]
        let dtype = trunk.activationDType
        let tokens = residual(rows.lowerBound)
        block.output(
            input(worker, context(rows.lowerBound), rows.count, for: block.output),
            into: tokens, GANRM_ADD_F32, kernels: trunk.kernels)
        worker.lap(.linear)
        block.fc1(
            normalization(worker, rows, block.norm2, for: block.fc1),
            activation: trunk.shape.activation.kernel,
            into: pools ? hidden(rows.lowerBound) : worker.activations.base,
            stride: pools ? trunk.projectionStride : dtype.rowStride(block.fc2.inner),
            dtype.destination, kernels: trunk.kernels)
        worker.lap(.linear)
        guard !pools else { return }
        block.fc2(
            input(worker, worker.activations.base, rows.count, for: block.fc2), into: tokens,
            GANRM_ADD_F32, kernels: trunk.kernels)
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
            scratch: worker.activations.pointer(to: Float.self), kernels: trunk.kernels)
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
        trunk.kernels.bf16_to_int8(
            rows.assumingMemoryBound(to: UInt16.self), Int64(count), Int64(layer.inner),
            Int64(trunk.activationDType.rowStride(layer.inner)), Int64(layer.groups),
            worker.layerInput.pointer(to: UInt8.self), Int64(stride), quantization)
        worker.lap(.rest)
        return LayerInput(
            base: worker.layerInput.base, count: count, stride: stride, quantization: quantization)
    }
}
