internal import CKernels
internal import Files
internal import Foundation
public import Tensors

/// BLIP's image-grounded text encoder: a text and the tokens of an image → one vector.
///
///     symbols ─ embedding + position ─ norm ─ layer × layers ─ first token
///     layer: norm(x + attention(x)), norm(x + attention(x, image)), norm(x + mlp(x))
///
/// It is computed in float32 whatever the precision of the image's encoder: for a picture of 197 tokens it takes a tenth
/// of the operations of ViT-L/16. A vector is bitwise independent of the other images of a call and of the number of
/// threads. Calls from several threads are serialized.
///
/// Source: salesforce/BLIP `models/med.py`, `BertModel` in the mode `multimodal`. Symbols that pad a text are masked
/// there; they are not computed here.
public final class GroundedTextEncoder: Sendable {
    public let configuration: GroundedTextConfiguration
    /// SHA-256 of architecture and weights, in hexadecimal; see `Encoder.fingerprint`.
    public let fingerprint: String

    let blocks: [GroundedTextBlock]
    let inputNorm: LayerNorm
    let kernels: ganrm_kernels
    /// Embeddings of symbols, `[vocabulary, width]`.
    private let symbols: StoredTensor
    /// Embeddings of positions, `[positions, width]`.
    private let positions: [Float]

    private let lock = NSLock()
    /// Guarded by `lock`.
    private nonisolated(unsafe) let pool: WorkerPool
    /// Keys and values of images; guarded by `lock`.
    private nonisolated(unsafe) let imageBuffer = AlignedBuffer()

    /// Packs the weights.
    ///
    /// - Parameter threadCount: Number of threads, 1…1024.
    /// - Throws: `EncoderError` for an impossible configuration, for missing, unused or misshapen tensors, for infinities
    ///   and NaNs, and if there is not enough memory.
    public init(
        configuration: GroundedTextConfiguration, weights file: WeightFile, threadCount: Int
    ) throws(EncoderError) {
        try configuration.validate()
        let weights = try TransformerWeights(file, grounded: configuration)
        let size = weights.packedByteCount(4)
        guard Memory.isAvailable(size) else { throw .outOfMemory(byteCount: size) }
        fingerprint = try EncoderFingerprint.compute(configuration, weights: file)
        let kernels = ganrm_kernels_in_use().pointee
        pool = WorkerPool(threadCount: min(max(1, threadCount), 1024))
        blocks = (0..<configuration.layers).map {
            GroundedTextBlock($0, configuration, weights: weights, kernels: kernels)
        }
        symbols = weights["tokens"]
        positions = weights.floats("positions")
        inputNorm = LayerNorm(
            "input_norm", weights: weights, epsilon: configuration.layerNormEpsilon)
        self.kernels = kernels
        self.configuration = configuration
    }

    /// The first token of a text after the last layer, for each of some images.
    ///
    /// - Parameters:
    ///   - text: 1 to `contextLength` symbols, numbers below `vocabularyCount`.
    ///   - images: The tokens of each image, `[tokens, imageWidth]`, at least one.
    /// - Returns: `[images, width]`.
    /// - Throws: `EncoderError.invalidText`, `.invalidClip`, `.outOfMemory`.
    public func outputs(of text: [Int32], for images: [[Float]]) throws(EncoderError) -> [[Float]] {
        guard (1...configuration.contextLength).contains(text.count) else {
            throw .invalidText(
                reason: "a text has 1 to \(configuration.contextLength) symbols, not \(text.count)")
        }
        let numbers = 0..<configuration.vocabularyCount
        if let symbol = text.first(where: { !numbers.contains(Int($0)) }) {
            throw .invalidText(reason: "there is no symbol \(symbol)")
        }
        let imageWidth = configuration.imageWidth
        guard images.allSatisfy({ !$0.isEmpty && $0.count.isMultiple(of: imageWidth) }) else {
            throw .invalidClip(reason: "the tokens of an image have \(imageWidth) values each")
        }
        let tokens = embeddings(of: text)
        lock.lock()
        defer { lock.unlock() }
        var outputs: [[Float]] = []
        // Keys and values of an image take more memory than its tokens.
        let most = max(2, pool.workers.count)
        for start in stride(from: 0, to: images.count, by: most) {
            let chunk = Array(images[start..<min(start + most, images.count)])
            outputs += try GroundedTextPass(
                self, tokens: tokens, images: chunk, pool: pool, imageBuffer: imageBuffer
            ).outputs()
        }
        return outputs
    }

    /// The embeddings of a text's symbols in their positions, `[symbols, width]`, not yet normalized.
    private func embeddings(of text: [Int32]) -> [Float] {
        let width = configuration.width
        return text.enumerated().flatMap { position, symbol in
            zip(symbols.row(Int(symbol)), positions[position * width..<(position + 1) * width])
                .map(+)
        }
    }
}
