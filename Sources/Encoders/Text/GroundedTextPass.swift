internal import CKernels
internal import Files

/// The way of one text through the layers of a `GroundedTextEncoder`, once for each of some images.
///
/// First come the keys and values of all images in all layers, a task for each, which is most of the work; then the text,
/// a task for each image.
struct GroundedTextPass {
    private let encoder: GroundedTextEncoder
    private let pool: WorkerPool
    /// The text's embeddings, `[symbols, width]`.
    private let tokens: [Float]
    private let images: [[Float]]
    /// Keys and values, `[images, layers, image tokens, 2, width]`; images may have different numbers of tokens.
    private let imageBuffer: AlignedBuffer

    private var kernels: ganrm_kernels { encoder.kernels }
    private var width: Int { encoder.configuration.width }
    private var symbolCount: Int { tokens.count / width }
    private var shape: BlockShape { encoder.configuration.blockShape }

    /// Tokens of the largest image.
    private var longest: Int {
        (images.map(\.count).max() ?? 0) / encoder.configuration.imageWidth
    }

    /// - Throws: `EncoderError.outOfMemory`.
    init(
        _ encoder: GroundedTextEncoder, tokens: [Float], images: [[Float]], pool: WorkerPool,
        imageBuffer: AlignedBuffer
    ) throws(EncoderError) {
        self.encoder = encoder
        self.tokens = tokens
        self.images = images
        self.pool = pool
        self.imageBuffer = imageBuffer
        let (rows, hidden) = (symbolCount, encoder.configuration.hiddenWidth)
        var sizes = [(imageBuffer, 4 * images.count * encoder.blocks.count * 2 * width * longest)]
        for worker in pool.workers {
            sizes += [
                // Queries, keys and values, or hidden activations; then attention's output.
                (worker.activations, 4 * rows * (max(3 * width, hidden) + width)),
                (worker.layerInput, 4 * rows * width),
                (
                    worker.attention,
                    ganrm_attention_scratch_bytes(
                        Int64(max(rows, longest)), Int64(shape.headWidth))
                ),
            ]
        }
        let growing = sizes.filter { $0.1 > $0.0.byteCount }
        let total = growing.reduce(0) { $0 + $1.1 }
        guard Memory.isAvailable(total) else { throw .outOfMemory(byteCount: total) }
        for (buffer, byteCount) in growing { buffer.reserve(byteCount: byteCount) }
    }

    /// The text's first token after the last layer, `[images, width]`.
    func outputs() -> [[Float]] {
        let layers = encoder.blocks.count
        pool.forEach(images.count * layers) { _, task in
            let (image, layer) = task.quotientAndRemainder(dividingBy: layers)
            projectImage(image, layer: layer)
        }
        let outputs = AlignedBuffer(byteCount: 4 * images.count * width)
        pool.forEach(images.count) { worker, image in
            let text = readText(worker, image)
            (outputs.pointer(to: Float.self) + image * width).update(from: text, count: width)
        }
        let rows = UnsafeBufferPointer(
            start: outputs.pointer(to: Float.self), count: images.count * width)
        return images.indices.map { Array(rows[$0 * width..<($0 + 1) * width]) }
    }

    /// Keys and values of an image in a layer, `[image tokens, 2, width]`.
    private func imageRows(_ image: Int, layer: Int) -> UnsafeMutablePointer<Float> {
        imageBuffer.pointer(to: Float.self)
            + (image * encoder.blocks.count + layer) * longest * 2 * width
    }

    /// An image's tokens → keys and values of a layer.
    private func projectImage(_ image: Int, layer: Int) {
        images[image].withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            let stride = 4 * encoder.configuration.imageWidth
            encoder.blocks[layer].crossKeyValue(
                LayerInput(base: base, count: bytes.count / stride, stride: stride),
                into: imageRows(image, layer: layer), GANRM_STORE_F32, kernels: kernels)
        }
    }

    /// The text's tokens after the last layer, in the worker's memory.
    private func readText(_ worker: Worker, _ image: Int) -> UnsafeMutablePointer<Float> {
        let rows = worker.layerInput.pointer(to: Float.self)
        let projections = worker.activations.pointer(to: Float.self)
        let context =
            projections + symbolCount * max(3 * width, encoder.configuration.hiddenWidth)
        let imageTokens = images[image].count / encoder.configuration.imageWidth
        tokens.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            rows.update(from: base, count: buffer.count)
        }
        normalize(rows, by: encoder.inputNorm)
        for (index, block) in encoder.blocks.enumerated() {
            block.queryKeyValue(
                input(rows), into: projections, GANRM_STORE_F32, kernels: kernels)
            attend(
                projections, keys: projections + width, tokens: symbolCount, stride: 3 * width,
                into: context, scratch: worker.attention.base)
            block.output(input(context), into: rows, GANRM_ADD_F32, kernels: kernels)
            normalize(rows, by: block.norm1)

            // Queries lie as far apart as the image's keys.
            block.crossQuery(
                input(rows), into: projections, stride: 2 * width, GANRM_STORE_F32,
                kernels: kernels)
            attend(
                projections, keys: imageRows(image, layer: index), tokens: imageTokens,
                stride: 2 * width, into: context, scratch: worker.attention.base)
            block.crossOutput(input(context), into: rows, GANRM_ADD_F32, kernels: kernels)
            normalize(rows, by: block.crossNorm)

            block.fc1(
                input(rows), activation: shape.activation.kernel, into: projections,
                GANRM_STORE_F32, kernels: kernels)
            block.fc2(
                LayerInput(
                    base: projections, count: symbolCount, stride: 4 * shape.hiddenWidth),
                into: rows, GANRM_ADD_F32, kernels: kernels)
            normalize(rows, by: block.norm2)
        }
        return rows
    }

    private func input(_ rows: UnsafeMutablePointer<Float>) -> LayerInput {
        LayerInput(base: rows, count: symbolCount, stride: 4 * width)
    }

    private func normalize(_ rows: UnsafeMutablePointer<Float>, by norm: LayerNorm) {
        norm(rows, count: symbolCount, into: rows, kernels: kernels)
    }

    /// Attention of the text's queries; values follow keys.
    private func attend(
        _ queries: UnsafeMutablePointer<Float>, keys: UnsafeMutablePointer<Float>, tokens: Int,
        stride: Int, into context: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
    ) {
        var arguments = ganrm_attention_shape(
            tokens: Int64(tokens), head_width: Int64(shape.headWidth), stride: Int64(stride),
            out_stride: Int64(width), scale: 1, cls_softmax_16bit: false, is_causal: false)
        for head in 0..<shape.heads {
            let column = head * shape.headWidth
            kernels.attention(
                &arguments, queries + column, Int64(symbolCount), keys + column,
                keys + width + column, context + column, scratch)
        }
    }
}
