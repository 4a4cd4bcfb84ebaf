package import Encoders
package import Tensors

/// An affine map of embeddings to numbers, `w · x + b`; layers one after the other without activations are one.
package struct AffineHead {
    private let weights: [Double]
    private let bias: Double

    /// - Parameter file: A layer `weight`, `[1, D]`, `bias`, or layers `layers.N.weight`, `layers.N.bias` in the order
    ///   of N, of which the last has one output. Their shapes fit.
    /// - Throws: `EncoderError.notFinite`.
    package init(_ file: WeightFile) throws(EncoderError) {
        func floats(_ name: String) throws(EncoderError) -> [Double] {
            let values = file.tensors[name]?.floats() ?? []
            guard values.allSatisfy(\.isFinite) else {
                throw .notFinite(file: file.name, names: [name])
            }
            return values.map(Double.init)
        }
        let layers = file.tensors.keys.filter { $0 == "weight" || $0.hasSuffix(".weight") }
            .map { String($0.dropLast("weight".count)) }
            .sorted { ($0.count, $0) > ($1.count, $1) }
        var (weights, bias) = ([1.0], 0.0)
        for layer in layers {
            // From the last layer to the first: w · (M x + c) + b.
            let (matrix, shifts) = (try floats(layer + "weight"), try floats(layer + "bias"))
            let width = matrix.count / weights.count
            bias += zip(weights, shifts).reduce(0) { $0 + $1.0 * $1.1 }
            weights = (0..<width).map { column in
                weights.indices.reduce(0) { $0 + weights[$1] * matrix[$1 * width + column] }
            }
        }
        self.weights = weights
        self.bias = bias
    }

    /// What tells it from others.
    var identity: String { "\(weights) \(bias)" }

    package func callAsFunction(_ embedding: [Float]) -> Double {
        zip(weights, embedding).reduce(bias) { $0 + $1.0 * Double($1.1) }
    }
}
