/// The filter taps along one axis: for each output sample, the indices and weights of its source
/// samples.
struct ResamplingTaps: Sendable {
    /// Weights, `[outputs, count]`.
    enum Weights: Sendable {
        /// Fixed point, with the fractional bits that the kernel takes.
        case fixed([Int32])
        case floats([Float])
        case doubles([Double])
    }

    /// Taps per output sample; unused taps repeat a sample with weight 0.
    let count: Int
    /// Source indices, `[outputs, count]`, within the source, in the order in which the kernel adds
    /// the taps.
    var indices: [Int32]
    let weights: Weights

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
        case .pillowBicubic, .pillowBilinear:
            self.init(pillow: filter, from: source, to: target, range: range)
        case .pillowBicubicFloat: self.init(pillowFloatFrom: source, to: target, range: range)
        case .openCVLinear: self.init(openCV: axis, from: source, to: target, range: range)
        case .torchBicubic, .torchBicubicFloat:
            self.init(torchBicubicFrom: source, to: target, range: range)
        case .torchBilinear, .torchBilinearFloat:
            self.init(torchBilinearFrom: source, to: target, range: range)
        case .torchBicubicAntialiased:
            self.init(torchAntialiasedFrom: source, to: target, range: range)
        case .tensorFlowBilinear: self.init(tensorFlowFrom: source, to: target, range: range)
        }
    }

    private init(count: Int, indices: [Int32], weights: Weights) {
        self.count = count
        self.indices = indices
        self.weights = weights
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

    func withPointers(_ body: (UnsafePointer<Int32>?, UnsafeRawPointer?) -> Void) {
        indices.withUnsafeBufferPointer { indices in
            switch weights {
            case .fixed(let weights):
                weights.withUnsafeBytes { body(indices.baseAddress, $0.baseAddress) }
            case .floats(let weights):
                weights.withUnsafeBytes { body(indices.baseAddress, $0.baseAddress) }
            case .doubles(let weights):
                weights.withUnsafeBytes { body(indices.baseAddress, $0.baseAddress) }
            }
        }
    }
}

// MARK: - Pillow

extension ResamplingTaps {
    /// `normalize_coeffs_8bpc`: rounded to 22 fractional bits.
    private init(
        pillow filter: Resampling.Filter, from source: Int, to target: Int, range: Range<Int>
    ) {
        let (count, indices, weights) =
            filter == .pillowBilinear
            ? Self.pillow(Self.triangle, radius: 1, from: source, to: target, range: range)
            : Self.pillow(Self.bicubic, radius: 2, from: source, to: target, range: range)
        self.init(
            count: count, indices: indices,
            weights: .fixed(weights.map { Int32($0 * 0x1p22 + ($0 < 0 ? -0.5 : 0.5)) }))
    }

    private init(pillowFloatFrom source: Int, to target: Int, range: Range<Int>) {
        let (count, indices, weights) = Self.pillow(
            Self.bicubic, radius: 2, from: source, to: target, range: range)
        self.init(count: count, indices: indices, weights: .doubles(weights))
    }

    /// `precompute_coeffs`: the support grows with the reduction; weights are normalized.
    ///
    /// - Parameters:
    ///   - weight: The filter, of a distance in samples of the smaller axis.
    ///   - radius: Distance from which on its weight is 0.
    private static func pillow(
        _ weight: (Double) -> Double, radius: Double, from source: Int, to target: Int,
        range: Range<Int>
    ) -> (count: Int, indices: [Int32], weights: [Double]) {
        let scale = Double(source) / Double(target)
        let filterScale = max(scale, 1)
        let support = radius * filterScale
        let count = min(Int(support.rounded(.up)) * 2 + 1, source)
        var (indices, weights) = ([Int32](), [Double]())
        indices.reserveCapacity(count * range.count)
        weights.reserveCapacity(count * range.count)
        let step = 1 / filterScale
        for position in range {
            let center = (Double(position) + 0.5) * scale
            let first = max(Int(center - support + 0.5), 0)
            let last = min(Int(center + support + 0.5), source)
            let values = (first..<last).map { index in
                weight((Double(index) - center + 0.5) * step)
            }
            let sum = values.reduce(0, +)
            for tap in 0..<count {
                let value = tap < values.count ? values[tap] : 0
                indices.append(Int32(min(first + tap, source - 1)))
                weights.append(sum == 0 ? value : value / sum)
            }
        }
        return (count, indices, weights)
    }

    /// `bilinear_filter`.
    private static func triangle(_ x: Double) -> Double { max(1 - abs(x), 0) }

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
        var (indices, weights) = ([Int32](), [Int32]())
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
        self.init(count: 2, indices: indices, weights: .fixed(weights))
    }
}

// MARK: - PyTorch

extension ResamplingTaps {
    /// Four taps in 32-bit floats, with fused multiply-adds where PyTorch's compiled code has them.
    /// That code adds taps 0 and 1 in the order 1, 0.
    private init(torchBicubicFrom source: Int, to target: Int, range: Range<Int>) {
        var (indices, weights) = ([Int32](), [Float]())
        let scale = Float(source) / Float(target)
        for position in range {
            let center = (-0.5 as Float).addingProduct(scale, Float(position) + 0.5)
            let first = min(Int(center.rounded(.down)), source - 1)
            let fraction = min(max(center - Float(first), 0), 1)
            let other = 1 - fraction
            let values = [
                Self.outer(fraction + 1, a: -0.75), Self.inner(fraction, a: -0.75),
                Self.inner(other, a: -0.75), Self.outer(other + 1, a: -0.75),
            ]
            for tap in [1, 0, 2, 3] {
                indices.append(Int32(min(max(first - 1 + tap, 0), source - 1)))
                weights.append(values[tap])
            }
        }
        self.init(count: 4, indices: indices, weights: .floats(weights))
    }

    /// Two taps, which the compiled code adds in the order 1, 0. Unlike that of the cubic, the
    /// centre is not fused.
    private init(torchBilinearFrom source: Int, to target: Int, range: Range<Int>) {
        var (indices, weights) = ([Int32](), [Float]())
        let scale = Float(source) / Float(target)
        for position in range {
            let center = max(scale * (Float(position) + 0.5) - 0.5, 0)
            let first = min(Int(center), source - 1)
            let fraction = min(max(center - Float(first), 0), 1)
            indices += [Int32(min(first + 1, source - 1)), Int32(first)]
            weights += [fraction, 1 - fraction]
        }
        self.init(count: 2, indices: indices, weights: .floats(weights))
    }

    /// `_compute_indices_min_size_weights_aa`: Pillow's taps in 32-bit floats, except that adding
    /// 0.5, a constant of double precision, is done in that.
    private init(torchAntialiasedFrom source: Int, to target: Int, range: Range<Int>) {
        let scale = Float(source) / Float(target)
        let filterScale = max(scale, 1)
        let support = 2 * filterScale
        let count = min(Int(support.rounded(.up)) * 2 + 1, source)
        let step = 1 / filterScale
        var (indices, weights) = ([Int32](), [Float]())
        indices.reserveCapacity(count * range.count)
        weights.reserveCapacity(count * range.count)
        for position in range {
            let center = Float(Double(scale) * (Double(position) + 0.5))
            let first = min(max(Int(Double(center - support) + 0.5), 0), source - 1)
            let last = min(Int(Double(center + support) + 0.5), source, first + count)
            let values = (first..<max(first, last)).map { index in
                let x = abs(Float((Double(Float(index) - center) + 0.5) * Double(step)))
                return x < 1 ? Self.inner(x, a: -0.5) : x < 2 ? Self.outer(x, a: -0.5) : 0
            }
            let sum = values.reduce(0, +)
            for tap in 0..<count {
                let value = tap < values.count ? values[tap] : 0
                indices.append(Int32(min(first + tap, source - 1)))
                weights.append(sum == 0 ? value : value / sum)
            }
        }
        self.init(count: count, indices: indices, weights: .floats(weights))
    }

    /// Keys' cubic for a distance of at most 1: `cubic_convolution1`.
    private static func inner(_ x: Float, a: Float) -> Float {
        (-(a + 3)).addingProduct(a + 2, x) * x * x + 1
    }

    /// For a distance between 1 and 2: `cubic_convolution2`.
    private static func outer(_ x: Float, a: Float) -> Float {
        (8 * a).addingProduct((-5 * a).addingProduct(a, x), x) * x - 4 * a
    }
}

// MARK: - TensorFlow

extension ResamplingTaps {
    /// Two taps from the source position `position · scale` on, computed in 32-bit floats.
    private init(tensorFlowFrom source: Int, to target: Int, range: Range<Int>) {
        var (indices, weights) = ([Int32](), [Float]())
        let scale = Float(Double(source) / Double(target))
        for position in range {
            let place = Float(position) * scale
            let first = min(Int(place), source - 1)
            let fraction = place - Float(first)
            indices += [Int32(first), Int32(min(first + 1, source - 1))]
            weights += [1 - fraction, fraction]
        }
        self.init(count: 2, indices: indices, weights: .floats(weights))
    }
}
