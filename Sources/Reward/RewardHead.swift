public import Tensors

/// Reward Projection Layer: an embedding in, two logits out.
///
///     x ─ Linear D→1.5D ─ ReLU ─ BatchNorm ─ Dropout(0.2)
///       ─ Linear 1.5D→D ─ ReLU ─ BatchNorm ─ (+ x) ─ Linear D→2
///
/// - `x`: `[n, D]`, D = 2 × encoder width × taps; gives `[n, 2]`: generated, proxy.
/// - `HeadArchitecture` names variants.
/// - Source: arXiv 2506.13846, Table 6, rows 2 to 4.
public struct RewardHead: Sendable {
    /// PyTorch's default for BatchNorm1d.
    static let epsilon: Float = 1e-5

    let layout: HeadLayout
    /// Every number of the head, as `layout` orders them.
    var values: [Float]

    /// Numbers per embedding, `D`.
    public var width: Int { layout.width }

    init(layout: HeadLayout, values: [Float]) {
        precondition(values.count == layout.count)
        self.layout = layout
        self.values = values
    }

    /// An untrained head, with PyTorch's default initial distribution: the weights and biases of a
    /// Linear of n inputs are uniform in ±1/√n, norms start as the identity.
    ///
    /// - Parameters:
    ///   - width: `D`, even.
    ///   - architecture: What it consists of.
    public init(width: Int, seed: UInt64, architecture: HeadArchitecture = .projection) {
        let layout = HeadLayout(width: width, architecture: architecture)
        var values = [Float](repeating: 0, count: layout.count)
        var generator = RandomGenerator(seed: seed, stream: .initialWeights)
        // Evaluation adds ε to the variance: without norms the sum is to be 1.
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
            for part in ["weight", "bias"] {
                for i in layout.range(of: "\(layer).\(part)") {
                    values[i] = bound * (2 * generator.uniform() - 1)
                }
            }
        }
        self.init(layout: layout, values: values)
    }

    /// The tensors under PyTorch's names, running statistics included.
    ///
    /// `num_batches_tracked` is left out: PyTorch's default momentum has no use for it, and
    /// `load_state_dict(strict=True)` fills it in.
    public var parameters: [String: Tensor] {
        var tensors: [String: Tensor] = [:]
        for entry in layout.entries {
            tensors[entry.name] = Tensor(shape: entry.shape, elements: Array(values[entry.range]))
        }
        return tensors
    }
}
