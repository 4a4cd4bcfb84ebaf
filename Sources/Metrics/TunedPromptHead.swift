package import Encoders
import Foundation
package import Tensors

/// The probability of the second of two classes, each of which has a vector instead of an encoded prompt: the softmax of
/// their cosines with an embedding, times 100.
///
/// Source: ml-research/Q16, `main/models/clip.py`, `ClipSimModel_Infer`, and `main/paper_experiments/experiments.py`,
/// `eval_model_`.
package struct TunedPromptHead: EmbeddingHead {
    /// Of length 1.
    private let vectors: [[Float]]

    /// The second class is more probable above this.
    static let threshold = 0.5
    /// The factor of cosines, whatever the logit scale of the encoder.
    private static let factor = 100.0

    /// - Parameters:
    ///   - file: A tensor `array`, `[2, D]`: what is not inappropriate, and what is.
    ///   - width: Values of an embedding, D.
    /// - Throws: `EncoderError` for another shape, and for vectors that are not finite or 0.
    package init(_ file: WeightFile, width: Int) throws(EncoderError) {
        let name = NumPyPickle.arrayName
        try file.check([name: [2, width]])
        let values = file.tensors[name]?.floats() ?? []
        vectors = [unit(Array(values.prefix(width))), unit(Array(values.suffix(width)))]
        guard vectors.joined().allSatisfy(\.isFinite) else {
            throw .notFinite(file: file.name, names: [name])
        }
    }

    var identity: String { "\(vectors)" }

    /// - Parameter embedding: Of length 1.
    package func callAsFunction(_ embedding: [Float]) -> Double {
        let logits = vectors.map { Self.factor * cosine($0, embedding) }
        return 1 / (1 + exp(logits[0] - logits[1]))
    }
}
