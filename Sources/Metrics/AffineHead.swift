package import Encoders
package import Tensors

/// An affine map of embeddings to numbers, `w · x + b`; layers one after the other without activations are one.
package struct AffineHead: EmbeddingHead {
    private let weights: [Double]
    private let bias: Double

    /// - Parameters:
    ///   - file: A layer `weight`, `[1, D]`, `bias`, or layers `layers.N.weight`, `layers.N.bias` in the order of N, of
    ///     which the last has one output.
    ///   - prefix: What the names of the layers begin with. Tensors of other names are not read.
    ///   - width: Values of an embedding, D.
    /// - Throws: `EncoderError` for missing, misshapen and integer tensors and for infinities and NaNs.
    package init(_ file: WeightFile, prefix: String = "", width: Int) throws(EncoderError) {
        func floats(_ name: String, shape: [Int]) throws(EncoderError) -> [Double] {
            try file.check([name: shape])
            let values = file.tensors[name]?.floats() ?? []
            guard values.allSatisfy(\.isFinite) else {
                throw .notFinite(file: file.name, names: [name])
            }
            return values.map(Double.init)
        }
        let layers = file.tensors.keys
            .filter { $0.hasPrefix(prefix) }
            .filter { $0 == "weight" || $0.hasSuffix(".weight") }
            .map { String($0.dropLast("weight".count)) }
            .sorted { ($0.count, $0) > ($1.count, $1) }
        var (weights, bias) = ([1.0], 0.0)
        for layer in layers {
            // From the last layer to the first: w · (M x + c) + b.
            let inputs =
                layer == layers.last ? width : file.tensors[layer + "weight"]?.shape.last ?? 0
            let matrix = try floats(layer + "weight", shape: [weights.count, inputs])
            let shifts = try floats(layer + "bias", shape: [weights.count])
            bias += zip(weights, shifts).reduce(0) { $0 + $1.0 * $1.1 }
            weights = (0..<inputs).map { column in
                weights.indices.reduce(0) { $0 + weights[$1] * matrix[$1 * inputs + column] }
            }
        }
        guard !layers.isEmpty else {
            throw .missingTensors(file: file.name, names: [prefix + "weight"])
        }
        self.weights = weights
        self.bias = bias
    }

    var identity: String { "\(weights) \(bias)" }

    package func callAsFunction(_ embedding: [Float]) -> Double {
        zip(weights, embedding).reduce(bias) { $0 + $1.0 * Double($1.1) }
    }
}
