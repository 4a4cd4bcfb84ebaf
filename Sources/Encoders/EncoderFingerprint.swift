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
    static func compute(
        _ configuration: VisionTransformerConfiguration, weights: WeightFile
    ) throws(EncoderError) -> String {
        let tensors = try VisionWeights(weights, configuration: configuration).tensors
            .sorted { $0.key < $1.key }
        let hashes = Mutex([String](repeating: "", count: tensors.count))
        DispatchQueue.concurrentPerform(iterations: tensors.count) { index in
            let hash = hash(tensors[index].value)
            hashes.withLock { $0[index] = hash }
        }
        let lines = zip(tensors, hashes.withLock { $0 }).map { tensor, hash in
            let shape = tensor.value.shape.map(String.init).joined(separator: "x")
            return "\(tensor.key) \(shape) \(hash)"
        }
        let text = (["ganrm encoder 1"] + configuration.fingerprintLines + lines)
            .map { $0 + "\n" }.joined()
        return SHA256.hash(data: Array(text.utf8)).hexadecimal
    }

    private static func hash(_ tensor: StoredTensor) -> String {
        tensor.withFloats { floats in
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
