internal import CKernels
internal import Files
internal import Foundation
public import Tensors

/// CLIP's text transformer: symbols → embedding.
///
///     symbols ─ embedding + position ─ block × layers ─ last token ─ norm ─ projection
///
/// Attention is causal, so the symbols behind the end of a text, with which the reference fills the context, have no
/// effect; they are not computed. An embedding is bitwise independent of the other texts of a batch and of the number of
/// threads. Calls from several threads are serialized.
///
/// Sources: openai/CLIP `clip/model.py`, `encode_text`; OpenGVLab/InternVideo `Data/InternVid/viclip/viclip_text.py`;
/// Hugging Face `modeling_clip.py`.
public final class TextTransformer: Sendable {
    public let configuration: TextTransformerConfiguration
    public let precision: Precision

    private let trunk: Trunk
    /// Embeddings of symbols, `[vocabulary, width]`.
    private let symbols: StoredTensor
    /// Embeddings of positions, `[context, width]`.
    private let positions: [Float]
    private let projection: EmbeddingProjection

    private let lock = NSLock()
    /// Guarded by `lock`.
    private nonisolated(unsafe) let workspace: Workspace

    /// Packs the weights.
    ///
    /// - Parameter threadCount: Number of threads, 1…1024.
    /// - Throws: `EncoderError` for an impossible configuration, for missing, unused or misshapen tensors, and if there
    ///   is not enough memory.
    public init(
        configuration: TextTransformerConfiguration, weights: WeightFile, precision: Precision,
        threadCount: Int
    ) throws(EncoderError) {
        try configuration.validate()
        let weights = try TransformerWeights(weights, text: configuration)
        let kernels = ganrm_kernels_in_use().pointee
        let arithmetic = precision.arithmetic(of: kernels)
        let size = weights.packedByteCount(arithmetic.linearDType.byteCount)
        guard Memory.isAvailable(size) else { throw .outOfMemory(byteCount: size) }
        workspace = Workspace(threadCount: min(max(1, threadCount), 1024))
        trunk = Trunk(
            configuration.blockShape, blocks: configuration.layers, weights: weights,
            poolsHidden: false,
            arithmetic: arithmetic, kernels: kernels, pool: workspace.pool)
        symbols = weights["tokens"]
        positions = weights.floats("positions")
        projection = EmbeddingProjection(
            weights, epsilon: configuration.layerNormEpsilon, kernels: kernels)
        self.configuration = configuration
        self.precision = precision
    }

    /// Embeds texts; a batch uses the processor better than single texts.
    ///
    /// - Parameter texts: The symbols of each text: 1 to `contextLength` numbers below `vocabularyCount`. A text is
    ///   embedded by its first symbol of the highest number, the end, and what follows is not read.
    /// - Returns: Embeddings, `[texts, embeddingWidth]`, not normalized.
    /// - Throws: `EncoderError.invalidText`, `.outOfMemory`.
    public func embed(_ texts: [[Int32]]) throws(EncoderError) -> [[Float]] {
        for text in texts {
            guard (1...configuration.contextLength).contains(text.count) else {
                throw .invalidText(
                    reason:
                        "a text has 1 to \(configuration.contextLength) symbols, not \(text.count)")
            }
            if let symbol = text.first(where: {
                !(0..<configuration.vocabularyCount).contains(Int($0))
            }) {
                throw .invalidText(reason: "there is no symbol \(symbol)")
            }
        }
        // The reference pools at `argmax`, the first of equal symbols.
        let texts = texts.map { text in
            text[...(text.firstIndex(of: text.max() ?? 0) ?? text.endIndex - 1)]
        }
        lock.lock()
        defer { lock.unlock() }
        var embeddings: [[Float]] = []
        var rest = texts[...]
        while !rest.isEmpty {
            var (count, tokens) = (0, 0)
            while count < rest.count, count < 2 || tokens < workspace.tokensAtOnce {
                tokens += rest[rest.startIndex + count].count
                count += 1
            }
            embeddings += projection.embeddings(of: try lastTokens(of: Array(rest.prefix(count))))
            rest = rest.dropFirst(count)
        }
        return embeddings
    }

    /// The last token of each text after the last block, `[texts, width]`.
    private func lastTokens(of texts: [ArraySlice<Int32>]) throws(EncoderError) -> [[Float]] {
        let blocks = try BlockPass(trunk, Sequences(lengths: texts.map(\.count)), workspace)
        var stages = [
            blocks.rowStage { [self] worker, rows in
                embed(texts, rows, blocks)
                worker.lap(.rest)
                blocks.projectQueryKeyValue(worker, rows, block: 0)
            }
        ]
        let last = trunk.blocks.count - 1
        for block in 0...last {
            stages.append(blocks.attentionStage())
            stages.append(
                blocks.rowStage { worker, rows in
                    blocks.finishBlock(worker, rows, block: block)
                    if block < last {
                        blocks.projectQueryKeyValue(worker, rows, block: block + 1)
                    }
                })
        }
        blocks.run(stages)
        return texts.indices.map { text in
            let row = blocks.residual(blocks.sequences[text].upperBound - 1)
            return Array(UnsafeBufferPointer(start: row, count: configuration.width))
        }
    }

    /// Symbols → tokens.
    private func embed(_ texts: [ArraySlice<Int32>], _ rows: Range<Int>, _ blocks: BlockPass) {
        let width = configuration.width
        for row in rows {
            let text = blocks.sequences.index(ofRow: row)
            let position = row - blocks.sequences[text].lowerBound
            let symbol = symbols.row(Int(texts[text][texts[text].startIndex + position]))
            let token = blocks.residual(row)
            for i in 0..<width { token[i] = symbol[i] + positions[position * width + i] }
        }
    }
}
