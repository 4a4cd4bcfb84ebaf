/// A window that moves over time, height and width: that of a convolution or of a pool.
struct Window: Sendable, Hashable {
    /// What surrounds the input: zeros for convolutions, nothing for pools.
    enum Padding: Sendable, Hashable {
        /// As many positions before as after.
        case symmetric(Extent)
        /// TensorFlow's `SAME`: the output has ⌈input / stride⌉ positions, and an odd position is after the input.
        case same

        static let none = Padding.symmetric(Extent(0, frames: 0))
    }

    var kernel: Extent
    var stride: Extent = .one
    var padding: Padding = .none

    /// Whether output and input positions are the same.
    var isPointwise: Bool { kernel == .one && stride == .one && padding != .same }

    /// Where the window's positions are.
    struct Layout: Sendable, Hashable {
        var output: Extent
        /// Positions before the input that the first window covers.
        var before: Extent
    }

    /// The layout over an input; nil if the input is smaller than the window.
    func layout(over input: Extent) -> Layout? {
        var output: [Int] = []
        var before: [Int] = []
        let pads: [Int?] =
            if case .symmetric(let extent) = padding { extent.sides } else { [nil, nil, nil] }
        for (((size, kernel), stride), pad) in zip(
            zip(zip(input.sides, kernel.sides), stride.sides), pads)
        {
            if let pad {
                guard size + 2 * pad >= kernel else { return nil }
                before.append(pad)
                output.append((size + 2 * pad - kernel) / stride + 1)
            } else {
                let rest = size % stride
                before.append(max(kernel - (rest == 0 ? stride : rest), 0) / 2)
                output.append((size + stride - 1) / stride)
            }
        }
        return Layout(
            output: Extent(frames: output[0], height: output[1], width: output[2]),
            before: Extent(frames: before[0], height: before[1], width: before[2]))
    }
}
