import Encoders
import Foundation
import Tensors
import Testing
import TestSupport

/// Reference values of `fixtures/encoders/embeddings.py`.
struct EmbeddingGolden {
    /// Tensors of the checkpoint under their original names.
    let weights: WeightFile
    private let file: WeightFile

    init(_ name: String) throws {
        file = try WeightFile.open(Fixture.path("encoders/\(name).safetensors"))
        var tensors: [String: StoredTensor] = [:]
        for (name, tensor) in file.tensors where name.hasPrefix("weights.") {
            tensors[String(name.dropFirst("weights.".count))] = tensor
        }
        weights = WeightFile(name: name, tensors: tensors)
    }

    /// The input clips of a kind, `image` or `video`.
    func clips(_ kind: String) throws -> [PixelClip] {
        let pixels = try #require(file.tensors["pixels.\(kind)"])
        let elements = pixels.floats()
        let count = elements.count / pixels.shape[0]
        return (0..<pixels.shape[0]).map { clip in
            PixelClip(
                frameCount: pixels.shape[1],
                elements: Array(elements[clip * count..<(clip + 1) * count]))
        }
    }

    /// Reference CLS token and mean over all tokens after each block, for each clip a flattened
    /// `[layers, 2, width]`.
    func embeddings(_ kind: String) throws -> [[Float]] {
        let golden = try #require(file.tensors["golden.\(kind)"])
        let elements = golden.floats()
        let count = elements.count / golden.shape[0]
        return (0..<golden.shape[0]).map { Array(elements[$0 * count..<($0 + 1) * count]) }
    }
}

/// ‖a − b‖ / ‖b‖.
func relativeError(_ a: some Sequence<Float>, _ b: some Sequence<Float>) -> Double {
    let pairs = zip(a, b)
    let difference = pairs.reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
    let norm = pairs.reduce(0.0) { $0 + pow(Double($1.1), 2) }
    return (difference / norm).squareRoot()
}

/// a · b / (‖a‖ ‖b‖).
func cosine(_ a: some Sequence<Float>, _ b: some Sequence<Float>) -> Double {
    let pairs = zip(a, b)
    let product = pairs.reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    let norms = pairs.reduce((0.0, 0.0)) {
        ($0.0 + pow(Double($1.0), 2), $0.1 + pow(Double($1.1), 2))
    }
    return product / (norms.0 * norms.1).squareRoot()
}
