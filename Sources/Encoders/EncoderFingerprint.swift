internal import Crypto
internal import Dispatch
import Files
internal import Synchronization
internal import Tensors

/// The SHA-256 that identifies an encoder.
///
/// It is computed over text: one line for the format, one per field of the architecture, then one
/// per tensor, sorted by canonical name: name, shape and the SHA-256 of its elements as
/// little-endian F32.
enum EncoderFingerprint {
    /// - Throws: `EncoderError.notFinite` for infinities and NaNs, with canonical names.
    static func compute(
        _ configuration: VisionTransformerConfiguration, weights: WeightFile
    ) throws(EncoderError) -> String {
        try compute(
            "ganrm encoder 1", configuration.fingerprintLines, file: weights.name,
            TransformerWeights(weights, vision: configuration).tensors)
    }

    /// - Throws: `EncoderError.notFinite` for infinities and NaNs, with canonical names.
    static func compute(
        _ configuration: TextTransformerConfiguration, weights: WeightFile
    ) throws(EncoderError) -> String {
        try compute(
            "ganrm text encoder 1", configuration.fingerprintLines, file: weights.name,
            TransformerWeights(weights, text: configuration).tensors)
    }

    /// - Throws: `EncoderError.notFinite` for infinities and NaNs, with canonical names.
    static func compute(
        _ configuration: GroundedTextConfiguration, weights: WeightFile
    ) throws(EncoderError) -> String {
        try compute(
            "ganrm grounded text encoder 1", configuration.fingerprintLines, file: weights.name,
            TransformerWeights(weights, grounded: configuration).tensors)
    }

    /// - Parameter tensors: Those that the net reads, by the names of its reference.
    /// - Throws: `EncoderError.notFinite` for infinities and NaNs.
    static func compute(
        _ architecture: ConvolutionalArchitecture, tensors: [String: StoredTensor], file: String
    ) throws(EncoderError) -> String {
        try compute(
            "ganrm convolutional encoder 1", ["architecture \(architecture.rawValue)"], file: file,
            tensors)
    }

    private static func compute(
        _ title: String, _ architecture: [String], file: String, _ tensors: [String: StoredTensor]
    ) throws(EncoderError) -> String {
        let tensors = tensors.sorted { $0.key < $1.key }
        let results = Mutex([String?](repeating: nil, count: tensors.count))
        DispatchQueue.concurrentPerform(iterations: tensors.count) { index in
            let hash = hash(tensors[index].value)
            results.withLock { $0[index] = hash }
        }
        let hashes = results.withLock { $0 }
        let bad = zip(tensors, hashes).filter { $1 == nil }.map(\.0.key)
        guard bad.isEmpty else { throw .notFinite(file: file, names: bad) }
        let lines = zip(tensors, hashes.compactMap(\.self)).map { tensor, hash in
            let shape = tensor.value.shape.map(String.init).joined(separator: "x")
            return "\(tensor.key) \(shape) \(hash)"
        }
        let text = ([title] + architecture + lines)
            .map { $0 + "\n" }.joined()
        return SHA256.hash(data: Array(text.utf8)).hexadecimal
    }

    /// The SHA-256 of the elements; nil if one is not finite.
    private static func hash(_ tensor: StoredTensor) -> String? {
        tensor.withFloats { floats in
            guard floats.allSatisfy(\.isFinite) else { return nil }
            var hasher = SHA256()
            hasher.update(bufferPointer: UnsafeRawBufferPointer(floats))
            return hasher.finalize().hexadecimal
        }
    }
}

extension VisionTransformerConfiguration {
    /// Lines of the architecture. A field that is added later must add no line while it has its
    /// default value, so that fingerprints remain stable.
    fileprivate var fingerprintLines: [String] {
        [
            "image_size \(imageSize)", "patch_size \(patchSize)", "width \(width)",
            "layers \(layers)", "heads \(heads)", "hidden_width \(hiddenWidth)",
            "activation \(activation.rawValue)", "layer_norm_epsilon \(layerNormEpsilon)",
            "normalises_input \(normalisesInput)", "normalises_output \(normalisesOutput)",
            "position_grid \(positionGrid)", "frame_count \(frameCount)",
        ]
    }
}

extension TextTransformerConfiguration {
    /// Lines of the architecture; see `VisionTransformerConfiguration.fingerprintLines`.
    fileprivate var fingerprintLines: [String] {
        [
            "width \(width)", "layers \(layers)", "heads \(heads)", "hidden_width \(hiddenWidth)",
            "activation \(activation.rawValue)", "layer_norm_epsilon \(layerNormEpsilon)",
            "context_length \(contextLength)", "vocabulary \(vocabularyCount)",
            "embedding_width \(embeddingWidth)",
        ]
    }
}

extension GroundedTextConfiguration {
    /// Lines of the architecture; see `VisionTransformerConfiguration.fingerprintLines`.
    fileprivate var fingerprintLines: [String] {
        [
            "width \(width)", "layers \(layers)", "heads \(heads)", "hidden_width \(hiddenWidth)",
            "layer_norm_epsilon \(layerNormEpsilon)", "context_length \(contextLength)",
            "vocabulary \(vocabularyCount)", "image_width \(imageWidth)",
        ]
    }
}
