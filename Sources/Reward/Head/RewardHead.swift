import Statistics
public import Tensors

/// Reward Projection Layer: maps an embedding to two logits.
///
///     x ─ Linear D→1.5D ─ ReLU ─ BatchNorm ─ Dropout(0.2)
///       ─ Linear 1.5D→D ─ ReLU ─ BatchNorm ─ (+ x) ─ Linear D→2
///
/// - `x`: `[n, D]`, D = 2 × encoder width × taps; returns `[n, 2]`: generated, proxy.
/// - See `HeadArchitecture` for variants.
/// - Source: arXiv 2506.13846, Table 6, rows 2 to 4.
public struct RewardHead: Sendable {
    /// PyTorch's default for BatchNorm1d.
    package static let epsilon: Float = 1e-5

    package let layout: HeadLayout
    /// Parameters and running statistics, in the order of `layout`.
    package var values: [Float]

    /// Embedding width, `D`.
    public var width: Int { layout.width }

    package init(layout: HeadLayout, values: [Float]) {
        precondition(values.count == layout.count)
        self.layout = layout
        self.values = values
    }

    /// An untrained head with PyTorch's default initialization: the weights and biases of a Linear
    /// with n inputs are uniform in ±1/√n, and norms are identities.
    ///
    /// - Parameter width: `D`, even.
    public init(width: Int, seed: UInt64, architecture: HeadArchitecture = .projection) {
        let layout = HeadLayout(width: width, architecture: architecture)
        var values = [Float](repeating: 0, count: layout.count)
        var generator = RandomGenerator(seed: seed, stream: .initialWeights)
        // Evaluation adds ε to the variance; without norms the sum must be 1.
        let variance = architecture == .noNorm ? 1 - Self.epsilon : 1
        for entry in layout.entries {
            let value: Float
            switch entry.name {
            case "bn1.weight", "bn2.weight": value = 1
            case "bn1.running_var", "bn2.running_var": value = variance
            default: continue
            }
            for i in entry.range { values[i] = value }
        }
        let layers = [("fc1", width), ("fc2", layout.hiddenWidth), ("out", width)]
        for (layer, inputs) in architecture == .linear ? layers.suffix(1) : layers[...] {
            let bound = Float(1 / Double(inputs).squareRoot())
            for parameter in ["weight", "bias"] {
                for i in layout.range(of: "\(layer).\(parameter)") {
                    values[i] = bound * (2 * generator.uniform() - 1)
                }
            }
        }
        self.init(layout: layout, values: values)
    }

    /// The tensors under PyTorch's names, running statistics included.
    ///
    /// `num_batches_tracked` is left out: PyTorch does not use it with the default momentum, and
    /// `load_state_dict(strict=True)` adds it.
    public var parameters: [String: Tensor] {
        var tensors: [String: Tensor] = [:]
        for entry in layout.entries {
            tensors[entry.name] = Tensor(shape: entry.shape, elements: Array(values[entry.range]))
        }
        return tensors
    }
}
