internal import CKernels

/// The way of a few inputs of one size through a convolutional net.
///
/// Values are `[inputs, frames, height, width, channels]`. A convolution unfolds the windows of a tile of positions,
/// `[positions, kernel · channels]`, and multiplies them with its weights: a position's result depends neither on the
/// other positions nor on their number.
struct ConvolutionPass {
    private let net: ConvolutionalNet
    private let plan: ConvolutionPlan
    private let inputs: [PixelClip]
    private let pieces: [AlignedBuffer]
    private let pool: WorkerPool
    private var kernels: ganrm_kernels { net.kernels }
    private var graph: LayerGraph { net.graph }

    init(
        _ net: ConvolutionalNet, _ plan: ConvolutionPlan, _ inputs: [PixelClip],
        pieces: [AlignedBuffer], pool: WorkerPool
    ) {
        self.net = net
        self.plan = plan
        self.inputs = inputs
        self.pieces = pieces
        self.pool = pool
    }

    /// The outputs of each input, `[frames, height, width, channels]`.
    func outputs() -> [[[Float]]] {
        pool.run([inputStage()] + graph.layers.indices.map(stage), clips: 1)
        return inputs.indices.map { item in
            graph.outputs.map { value in
                let (extent, channels) = (plan.extents[value.index], graph.channels[value.index])
                let rows = rows(of: value)
                return (item * extent.count..<(item + 1) * extent.count).flatMap {
                    UnsafeBufferPointer(start: rows[$0], count: channels)
                }
            }
        }
    }
}

// MARK: Values

extension ConvolutionPass {
    /// The positions of a value, each a row of channels.
    private struct Rows {
        let base: UnsafeMutablePointer<Float>
        /// In elements.
        let stride: Int

        subscript(_ row: Int) -> UnsafeMutablePointer<Float> { base + row * stride }
    }

    private func rows(of value: LayerGraph.Value) -> Rows {
        let (root, channel) = graph.place(of: value)
        guard let piece = plan.pieces[root.index] else {
            preconditionFailure("a value without memory")
        }
        return Rows(
            base: pieces[piece].pointer(to: Float.self) + channel,
            stride: graph.channels[root.index])
    }
}

// MARK: Stages

extension ConvolutionPass {
    private func inputStage() -> Stage {
        let frames = plan.input.frames
        let size = plan.input.height * plan.input.width
        let rows = rows(of: graph.input)
        return Stage(count: inputs.count * frames, clips: { _ in 0..<1 }) { worker, task in
            inputs[task / frames].copyFrame(
                task % frames, pixelCount: size, into: rows[task * size])
            worker.lap(.rest)
        }
    }

    private func stage(_ index: Int) -> Stage {
        let layer = graph.layers[index]
        let (source, target) = (rows(of: layer.input), rows(of: layer.output))
        let channels = graph.channels[layer.output.index]
        let count = inputs.count * plan.extents[layer.output.index].count
        switch layer.operation {
        case .convolution(let window, _, let adds, let rectifies):
            guard let convolution = net.convolutions[index], let layout = plan.layouts[index] else {
                preconditionFailure("a convolution without weights")
            }
            let unfolding = Unfolding(
                window, layout, input: plan.extents[layer.input.index], source: source.base,
                stride: source.stride, channels: graph.channels[layer.input.index])
            let linear: LinearLayer
            switch convolution {
            case .unfolded(let layer): linear = layer
            case .winograd(let layer):
                let blocks = inputs.count * WinogradLayer.blockCount(layout.output)
                return rowStage(blocks, target: layer.blocksPerTask) { worker, blocks in
                    layer(
                        blocks, of: unfolding.windows, rectifies: rectifies, into: target.base,
                        stride: target.stride, worker: worker, kernels: kernels)
                }
            }
            return rowStage(count) { worker, rows in
                let input =
                    window.isPointwise
                    ? LayerInput(
                        base: source[rows.lowerBound], count: rows.count, stride: 4 * source.stride)
                    : unfolding(rows, into: worker.activations, kernels: kernels)
                worker.lap(.rest)
                linear(
                    input, activation: rectifies ? GANRM_RELU : GANRM_NO_ACTIVATION,
                    into: target[rows.lowerBound], stride: target.stride,
                    adds ? GANRM_ADD_F32 : GANRM_STORE_F32, kernels: kernels)
                worker.lap(.linear)
            }
        case .maximum(let window):
            return poolStage(index, window, count, source, target, kernels.pool_maximum)
        case .mean(let window):
            return poolStage(index, window, count, source, target, kernels.pool_mean)
        case .globalMean:
            let size = plan.extents[layer.input.index].count
            return Stage(count: inputs.count, clips: { _ in 0..<1 }) { worker, item in
                kernels.column_means(
                    GANRM_F32, source[item * size], Int64(size), Int64(source.stride),
                    Int64(channels), target[item])
                worker.lap(.rest)
            }
        }
    }

    private func poolStage(
        _ index: Int, _ window: Window, _ count: Int, _ source: Rows, _ target: Rows,
        _ reduce:
            @escaping @convention(c) (
                UnsafePointer<UnsafePointer<Float>?>?, Int64, Int64, UnsafeMutablePointer<Float>?
            ) -> Void
    ) -> Stage {
        let layer = graph.layers[index]
        guard let layout = plan.layouts[index] else { preconditionFailure("a pool without size") }
        let channels = Int64(graph.channels[layer.output.index])
        let unfolding = Unfolding(
            window, layout, input: plan.extents[layer.input.index], source: source.base,
            stride: source.stride, channels: Int(channels))
        return rowStage(count) { worker, rows in
            withUnsafeTemporaryAllocation(
                of: UnsafePointer<Float>?.self, capacity: window.kernel.count
            ) { positions in
                for row in rows {
                    let found = unfolding.positions(of: row, into: positions)
                    reduce(positions.baseAddress, Int64(found), channels, target[row])
                }
            }
            worker.lap(.rest)
        }
    }

    private func rowStage(
        _ count: Int, target: Int = Tiles.rowTarget,
        _ body: @escaping (Worker, _ rows: Range<Int>) -> Void
    ) -> Stage {
        let tiles = Tiles.ofRows(count, workers: pool.workers.count, target: target)
        return Stage(count: tiles.count, clips: { _ in 0..<1 }) { worker, task in
            body(worker, tiles[task])
        }
    }
}
