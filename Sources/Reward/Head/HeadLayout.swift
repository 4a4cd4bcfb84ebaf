/// Offsets of a head's tensors in one flat array; a linear head has only the last layer.
///
/// The two large matrices come first, because the optimizer treats them separately. The other
/// trained parameters follow, then the running statistics of the two norms.
package struct HeadLayout: Sendable, Hashable {
    struct Entry: Sendable, Hashable {
        /// Name in PyTorch's state dict.
        let name: String
        let shape: [Int]
        let range: Range<Int>
    }

    /// Embedding width, `D`.
    package let width: Int
    /// 1.5 `D`.
    package let hiddenWidth: Int
    package let architecture: HeadArchitecture
    let entries: [Entry]
    /// The trained parameters outside the two matrices: biases, norms, last layer.
    package let small: Range<Int>
    /// Number of parameters, with running statistics.
    package let count: Int

    package let fc1Weight, fc1Bias, bn1Weight, bn1Bias: Int
    package let fc2Weight, fc2Bias, bn2Weight, bn2Bias: Int
    package let outWeight, outBias: Int
    package let bn1Mean, bn1Variance, bn2Mean, bn2Variance: Int

    /// Range of supported widths, which must be even; the largest is for 8 taps of width 1024.
    package static let widths = 2...16_384

    package static func accepts(width: Int) -> Bool {
        widths.contains(width) && width.isMultiple(of: 2)
    }

    package init(width: Int, architecture: HeadArchitecture = .projection) {
        precondition(Self.accepts(width: width), "a head's width is even and in \(Self.widths)")
        let hidden = width / 2 * 3
        var entries: [Entry] = []
        var end = 0
        func addEntry(_ name: String, _ shape: [Int]) -> Int {
            let start = end
            end += shape.reduce(1, *)
            entries.append(Entry(name: name, shape: shape, range: start..<end))
            return start
        }
        self.width = width
        self.architecture = architecture
        hiddenWidth = hidden
        if architecture == .linear {
            outWeight = addEntry("out.weight", [2, width])
            outBias = addEntry("out.bias", [2])
            small = 0..<end
            count = end
            self.entries = entries
            (fc1Weight, fc1Bias, bn1Weight, bn1Bias) = (end, end, end, end)
            (fc2Weight, fc2Bias, bn2Weight, bn2Bias) = (end, end, end, end)
            (bn1Mean, bn1Variance, bn2Mean, bn2Variance) = (end, end, end, end)
            return
        }
        fc1Weight = addEntry("fc1.weight", [hidden, width])
        fc2Weight = addEntry("fc2.weight", [width, hidden])
        let smallStart = end
        fc1Bias = addEntry("fc1.bias", [hidden])
        bn1Weight = addEntry("bn1.weight", [hidden])
        bn1Bias = addEntry("bn1.bias", [hidden])
        fc2Bias = addEntry("fc2.bias", [width])
        bn2Weight = addEntry("bn2.weight", [width])
        bn2Bias = addEntry("bn2.bias", [width])
        outWeight = addEntry("out.weight", [2, width])
        outBias = addEntry("out.bias", [2])
        small = smallStart..<end
        bn1Mean = addEntry("bn1.running_mean", [hidden])
        bn1Variance = addEntry("bn1.running_var", [hidden])
        bn2Mean = addEntry("bn2.running_mean", [width])
        bn2Variance = addEntry("bn2.running_var", [width])
        count = end
        self.entries = entries
    }

    /// - Precondition: `name` is the name of one of `entries`.
    func range(of name: String) -> Range<Int> {
        guard let entry = entries.first(where: { $0.name == name }) else {
            preconditionFailure("a head has no tensor '\(name)'")
        }
        return entry.range
    }
}
