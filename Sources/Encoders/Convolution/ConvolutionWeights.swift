internal import Tensors

/// The tensors of a convolutional net under the names of its reference.
struct ConvolutionWeights: Sendable {
    /// The tensors that the net reads; a file may hold others, such as a classifier's.
    let tensors: [String: StoredTensor]

    /// - Throws: `EncoderError` naming missing or misshapen tensors.
    init(_ file: WeightFile, _ graph: LayerGraph) throws(EncoderError) {
        let shapes = graph.weightShapes
        try file.check(shapes)
        tensors = file.tensors.filter { shapes[$0.key] != nil }
    }

    /// The convolution with its batch norm, as a linear layer of unfolded windows.
    ///
    /// - Returns: Weights `[out, frames, height, width, in]`, with factors and bias.
    func outputs(_ parameters: ConvolutionParameters) -> LayerOutputs {
        let weight = self[parameters.weight]
        let isTransposed = parameters.isTransposed
        let (count, inputs) = (
            weight.shape[isTransposed ? 1 : 0], weight.shape[isTransposed ? 0 : 1]
        )
        let positions = weight.elementCount / (count * inputs)
        let stored = weight.floats()
        var values = [Float](repeating: 0, count: stored.count)
        for output in 0..<count {
            for input in 0..<inputs {
                let channel = parameters.readsBGR ? inputs - 1 - input : input
                for position in 0..<positions {
                    let index =
                        isTransposed
                        ? channel * count + output
                        : (output * inputs + channel) * positions + position
                    values[(output * positions + position) * inputs + input] = stored[index]
                }
            }
        }
        let tensor = StoredTensor(values, shape: [count, positions * inputs])
        let bias = parameters.bias.map { self[$0].floats() }
        guard let norm = parameters.norm else {
            return LayerOutputs(
                weights: tensor, bias: bias ?? Array(repeating: 0, count: count))
        }
        // (x − mean) / √(variance + ε) · weight + bias, in double precision.
        let vectors = norm.names.map { self[$0].floats().map(Double.init) }
        let factors = (0..<count).map {
            vectors[0][$0] / (vectors[3][$0] + Double(norm.epsilon)).squareRoot()
        }
        let shifts = (0..<count).map {
            vectors[1][$0] + (Double(bias?[$0] ?? 0) - vectors[2][$0]) * factors[$0]
        }
        return LayerOutputs(
            weights: tensor, shifts: shifts.map { Float($0) }, factors: factors.map { Float($0) })
    }

    private subscript(_ name: String) -> StoredTensor {
        guard let tensor = tensors[name] else {
            preconditionFailure("'\(name)' is no tensor of this net")
        }
        return tensor
    }
}

extension LayerGraph {
    /// Shapes of the tensors by the names of the reference.
    var weightShapes: [String: [Int]] {
        var shapes: [String: [Int]] = [:]
        for layer in layers {
            guard case .convolution(let window, let parameters, _, _) = layer.operation else {
                continue
            }
            let (inputs, outputs) = (channels[layer.input.index], channels[layer.output.index])
            // The kernels of a net of pictures have no frames.
            let kernel = isVideo ? window.kernel.sides : Array(window.kernel.sides[1...])
            shapes[parameters.weight] =
                parameters.isTransposed ? [inputs, outputs] : [outputs, inputs] + kernel
            for name in parameters.vectors { shapes[name] = [outputs] }
        }
        return shapes
    }
}

extension ConvolutionParameters {
    /// Names of tensors with a value for each channel.
    fileprivate var vectors: [String] { (bias.map { [$0] } ?? []) + (norm?.names ?? []) }
}

extension ConvolutionParameters.Norm {
    /// Factors, shifts, means and variances.
    fileprivate var names: [String] {
        ["weight", "bias", "running_mean", "running_var"].map { "\(prefix).\($0)" }
    }
}
