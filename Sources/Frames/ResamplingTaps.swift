/// The filter taps along one axis: for each output sample, the indices and weights of its source
/// samples.
struct ResamplingTaps: Sendable {
    /// Taps per output sample; unused taps repeat a sample with weight 0.
    private(set) var count: Int
    /// Source indices, `[outputs, count]`, within the source.
    var indices: [Int32]
    /// Weights, `[outputs, count]`: fixed-point integers, or bit patterns of floats for
    /// `torchBicubic`.
    private(set) var weights: [Int32]

    enum Axis { case columns, rows }

    /// - Parameters:
    ///   - source: Samples of the axis before resizing, at least 1.
    ///   - target: Samples after resizing.
    ///   - range: The output samples to compute, within `0..<target`.
    init(
        _ filter: Resampling.Filter, _ axis: Axis, from source: Int, to target: Int,
        range: Range<Int>
    ) {
        switch filter {
        case .pillowBicubic: self.init(pillowFrom: source, to: target, range: range)
        case .openCVLinear: self.init(openCV: axis, from: source, to: target, range: range)
        case .torchBicubic: self.init(torchFrom: source, to: target, range: range)
        }
    }

    private init(count: Int, capacity: Int) {
        self.count = count
        indices = []
        weights = []
        indices.reserveCapacity(count * capacity)
        weights.reserveCapacity(count * capacity)
    }

    /// Renumbers the source indices that occur, from 0, and rewrites `indices` accordingly.
    ///
    /// - Returns: The source index of each new index, ascending.
    mutating func compact() -> [Int32] {
        let used = Set(indices).sorted()
        var newIndex: [Int32: Int32] = [:]
        for (position, index) in used.enumerated() { newIndex[index] = Int32(position) }
        indices = indices.map { index in
            guard let position = newIndex[index] else {
                preconditionFailure("the indices are those in use")
            }
            return position
        }
        return used
    }

    func withPointers(_ body: (UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> Void) {
        indices.withUnsafeBufferPointer { indices in
            weights.withUnsafeBufferPointer { weights in
                body(indices.baseAddress, weights.baseAddress)
            }
        }
    }
}

// MARK: - Pillow

extension ResamplingTaps {
    /// `precompute_coeffs` and `normalize_coeffs_8bpc`: the support grows with the reduction;
    /// weights are normalized in double precision, then rounded to 22 fractional bits.
    private init(pillowFrom source: Int, to target: Int, range: Range<Int>) {
        let scale = Double(source) / Double(target)
        let filterScale = max(scale, 1)
        let support = 2 * filterScale
        self.init(
            count: min(Int(support.rounded(.up)) * 2 + 1, source), capacity: range.count
        )
        let step = 1 / filterScale
        for position in range {
            let center = (Double(position) + 0.5) * scale
            let first = max(Int(center - support + 0.5), 0)
            let last = min(Int(center + support + 0.5), source)
            let values = (first..<last).map { index in
                Self.bicubic((Double(index) - center + 0.5) * step)
            }
            let sum = values.reduce(0, +)
            for tap in 0..<count {
                let value = tap < values.count ? values[tap] : 0
                let normal = sum == 0 ? value : value / sum
                indices.append(Int32(min(first + tap, source - 1)))
                weights.append(Int32(normal * 0x1p22 + (normal < 0 ? -0.5 : 0.5)))
            }
        }
    }

    /// Keys' cubic with a = −0.5, in the order of operations of `bicubic_filter`.
    private static func bicubic(_ x: Double) -> Double {
        let a = -0.5
        let x = abs(x)
        if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
        if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
        return 0
    }
}

// MARK: - OpenCV

extension ResamplingTaps {
    /// Two taps, with weights rounded to 11 fractional bits. Outside the border the border sample
    /// is repeated: columns give it the whole weight, rows keep both weights, which rounds
    /// differently.
    ///
    /// OpenCV has a separate path for halving; its result is the same.
    private init(openCV axis: Axis, from source: Int, to target: Int, range: Range<Int>) {
        self.init(count: 2, capacity: range.count)
        let scale = 1 / (Double(target) / Double(source))
        for position in range {
            let center = Float((Double(position) + 0.5) * scale - 0.5)
            let first = Int(center.rounded(.down))
            let isInside = first >= 0 && first < source - 1
            let fraction = axis == .rows || isInside ? center - Float(first) : 0
            for (index, weight) in [(first, 1 - fraction), (first + 1, fraction)] {
                indices.append(Int32(min(max(index, 0), source - 1)))
                weights.append(Int32((weight * 2048).rounded(.toNearestOrEven)))
            }
        }
    }
}

// MARK: - PyTorch

extension ResamplingTaps {
    /// Four taps in 32-bit floats, with fused multiply-adds where PyTorch's compiled code has them.
    private init(torchFrom source: Int, to target: Int, range: Range<Int>) {
        self.init(count: 4, capacity: range.count)
        let scale = Float(source) / Float(target)
        for position in range {
            let center = (-0.5 as Float).addingProduct(scale, Float(position) + 0.5)
            let first = min(Int(center.rounded(.down)), source - 1)
            let fraction = min(max(center - Float(first), 0), 1)
            let other = 1 - fraction
            let values = [
                Self.outer(fraction + 1), Self.inner(fraction), Self.inner(other),
                Self.outer(other + 1),
            ]
            for (tap, value) in values.enumerated() {
                indices.append(Int32(min(max(first - 1 + tap, 0), source - 1)))
                weights.append(Int32(bitPattern: value.bitPattern))
            }
        }
    }

    /// Keys' cubic with a = −0.75 for a distance of at most 1: `cubic_convolution1`.
    private static func inner(_ x: Float) -> Float {
        let a: Float = -0.75
        return (-(a + 3)).addingProduct(a + 2, x) * x * x + 1
    }

    /// For a distance between 1 and 2: `cubic_convolution2`.
    private static func outer(_ x: Float) -> Float {
        let a: Float = -0.75
        return (8 * a).addingProduct((-5 * a).addingProduct(a, x), x) * x - 4 * a
    }
}
