/// The weighted sums along one axis: which source samples make each result, and how much of each.
struct ResamplingTaps: Sendable {
    /// Samples per sum; sums that need fewer repeat a sample with weight 0.
    private(set) var count: Int
    /// `[results, count]`: source positions, inside the source.
    var indices: [Int32]
    /// `[results, count]`: integers, or floats by their bits for `torchBicubic`.
    private(set) var weights: [Int32]

    enum Axis { case columns, rows }

    /// - Parameters:
    ///   - source: Samples of the axis before resizing, at least 1.
    ///   - target: Samples after.
    ///   - range: The results that are wanted, inside `0..<target`.
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

    /// Numbers the source positions that occur from 0 and rewrites `indices` so.
    ///
    /// - Returns: The source position of each number, ascending.
    mutating func compact() -> [Int32] {
        let used = Set(indices).sorted()
        var number: [Int32: Int32] = [:]
        for (position, index) in used.enumerated() { number[index] = Int32(position) }
        indices = indices.map { number[$0] ?? 0 }
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
    /// `precompute_coeffs` and `normalize_coeffs_8bpc`: the filter widens with the reduction;
    /// weights are normalised in double precision, then rounded to 22 fractional bits.
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
            for slot in 0..<count {
                let value = slot < values.count ? values[slot] : 0
                let normal = sum == 0 ? value : value / sum
                indices.append(Int32(min(first + slot, source - 1)))
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
    /// Two neighbours, weights rounded to 11 fractional bits; beyond the border, the border:
    /// columns give it the whole weight, rows take both shares of it, which rounds differently.
    ///
    /// OpenCV takes another path for an exact half, whose result is the same.
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
    /// Four neighbours in 32-bit floats, fused where PyTorch's compiled code is.
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
            for (slot, value) in values.enumerated() {
                indices.append(Int32(min(max(first - 1 + slot, 0), source - 1)))
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
