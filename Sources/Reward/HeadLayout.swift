/// Where each tensor of a head of width `D` stands in one flat array; a linear head has the last layer
/// only.
///
/// The two large matrices come first: the optimizer treats them by themselves. The other trained
/// numbers follow, then the running statistics of the two norms.
struct HeadLayout: Sendable, Hashable {
    struct Entry: Sendable, Hashable {
        /// PyTorch's name.
        let name: String
        let shape: [Int]
        let range: Range<Int>
    }

    /// Numbers per embedding, `D`.
    let width: Int
    /// 1.5 `D`.
    let hiddenWidth: Int
    let architecture: HeadArchitecture
    let entries: [Entry]
    /// The trained numbers outside the two matrices: biases, norms, last layer.
    let small: Range<Int>
    let count: Int

    let fc1Weight, fc1Bias, bn1Weight, bn1Bias: Int
    let fc2Weight, fc2Bias, bn2Weight, bn2Bias: Int
    let outWeight, outBias: Int
    let bn1Mean, bn1Variance, bn2Mean, bn2Variance: Int

    /// The widths a head can have: even, and at most what 8 taps of width 1024 give.
    static let widths = 2...16_384

    static func accepts(width: Int) -> Bool { widths.contains(width) && width.isMultiple(of: 2) }

    init(width: Int, architecture: HeadArchitecture = .projection) {
        precondition(Self.accepts(width: width), "a head's width is even and in \(Self.widths)")
        let hidden = width / 2 * 3
        var entries: [Entry] = []
        var end = 0
        func place(_ name: String, _ shape: [Int]) -> Int {
            let start = end
            end += shape.reduce(1, *)
            entries.append(Entry(name: name, shape: shape, range: start..<end))
            return start
        }
        self.width = width
        self.architecture = architecture
        hiddenWidth = hidden
        if architecture == .linear {
            outWeight = place("out.weight", [2, width])
            outBias = place("out.bias", [2])
            small = 0..<end
            count = end
            self.entries = entries
            (fc1Weight, fc1Bias, bn1Weight, bn1Bias) = (end, end, end, end)
            (fc2Weight, fc2Bias, bn2Weight, bn2Bias) = (end, end, end, end)
            (bn1Mean, bn1Variance, bn2Mean, bn2Variance) = (end, end, end, end)
            return
        }
        fc1Weight = place("fc1.weight", [hidden, width])
        fc2Weight = place("fc2.weight", [width, hidden])
        let smallStart = end
        fc1Bias = place("fc1.bias", [hidden])
        bn1Weight = place("bn1.weight", [hidden])
        bn1Bias = place("bn1.bias", [hidden])
        fc2Bias = place("fc2.bias", [width])
        bn2Weight = place("bn2.weight", [width])
        bn2Bias = place("bn2.bias", [width])
        outWeight = place("out.weight", [2, width])
        outBias = place("out.bias", [2])
        small = smallStart..<end
        bn1Mean = place("bn1.running_mean", [hidden])
        bn1Variance = place("bn1.running_var", [hidden])
        bn2Mean = place("bn2.running_mean", [width])
        bn2Variance = place("bn2.running_var", [width])
        count = end
        self.entries = entries
    }

    /// - Parameter name: One of `entries`.
    func range(of name: String) -> Range<Int> {
        guard let entry = entries.first(where: { $0.name == name }) else {
            preconditionFailure("a head has no tensor '\(name)'")
        }
        return entry.range
    }
}
