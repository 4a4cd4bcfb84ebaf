/// Statistics of a frame, on a grid of its pixels, by which degenerate frames are detected.
///
/// The thresholds are at most half of the lowest values among 513 real and generated clips (median
/// over eight frames): contrast 15.5, residual 6.1 and 1.9 % (1.0 % for one further clip), block
/// share 0.15, difference of frames 1.26.
struct FrameStatistics {
    /// Sides of the colour grid and of the finer luma grid, in samples.
    private static let side = 56
    private static let lumaSide = 112
    /// Side of a block in luma samples: 32 of 224 pixels.
    private static let blockSide = 16
    /// Maximum rank of a regular pattern: a plane wave has 2, colour bars in three rows 3.
    private static let patternRank = 4

    /// Minimum standard deviation of a channel, 0...255; frames below it have a single colour.
    static let minimumContrast: Float = 5
    /// Minimum standard deviation of luma without its four largest components, 0...255.
    static let minimumDetail: Float = 3
    /// Minimum fraction of luma's variance without its four largest components.
    static let minimumDetailShare: Float = 0.003
    /// Fraction of luma's variance that lies between blocks of 32 of 224 pixels. Below the first
    /// threshold a texture may be noise; below the second it is a pattern if it is not noise.
    static let noiseBlockShare: Float = 0.075
    static let patternBlockShare: Float = 0.02
    /// Correlation of luma at a distance of 8 of 224 pixels, below which a texture is noise.
    static let noiseCorrelation: Float = 0.3
    /// Correlation of luma at a distance of 4 of 224 pixels, from which on a regular frame is only
    /// a gradient.
    static let gradientCorrelation: Float = 0.98
    /// Mean absolute difference of channel values, 0...255, below which two frames differ only by
    /// compression.
    static let stillDifference: Float = 0.4

    let degeneracy: Degeneracy?
    /// Colours of the grid, `[side, side, 3]`.
    private let colours: [UInt8]

    /// - Parameters:
    ///   - pixels: A preprocessed, square frame: RGB, `[n, n, 3]`, n at least 1; bytes, or those of
    ///     `Float`, of which the nearest 8-bit values are taken.
    ///   - filter: The filter that resized the frame.
    init(_ pixels: [UInt8], resizedBy filter: Resampling.Filter) {
        let pixelSize = 3 * filter.bytesPerValue
        let width = Int(Double(pixels.count / pixelSize).squareRoot())
        var colours: [UInt8] = []
        colours.reserveCapacity(3 * Self.side * Self.side)
        var luma: [Float] = []
        luma.reserveCapacity(Self.lumaSide * Self.lumaSide)
        pixels.withUnsafeBytes { bytes in
            func color(x: Int, y: Int) -> SIMD3<UInt8> {
                let start = pixelSize * (y * width + x)
                var color = SIMD3<UInt8>()
                for channel in 0..<3 {
                    let offset = start + channel * filter.bytesPerValue
                    color[channel] =
                        filter.hasFloatResult
                        ? Self.byte(
                            nearest: bytes.loadUnaligned(fromByteOffset: offset, as: Float.self))
                        : bytes[offset]
                }
                return color
            }
            let columns = Self.grid(Self.side, of: width)
            for y in columns {
                for x in columns {
                    let color = color(x: x, y: y)
                    for channel in 0..<3 { colours.append(color[channel]) }
                }
            }
            let lumaColumns = Self.grid(Self.lumaSide, of: width)
            for y in lumaColumns {
                for x in lumaColumns {
                    let color = color(x: x, y: y)
                    luma.append(
                        0.299 * Float(color[0]) + 0.587 * Float(color[1])
                            + 0.114 * Float(color[2]))
                }
            }
        }
        self.colours = colours
        degeneracy = Self.degeneracy(colours: colours, luma: luma)
    }

    /// The nearest 8-bit value; filters may overshoot. NaN gives 0.
    private static func byte(nearest value: Float) -> UInt8 {
        value > 0 ? UInt8(min(value, 255).rounded()) : 0
    }

    /// The centres of `count` equal parts of a side of `width` pixels.
    private static func grid(_ count: Int, of width: Int) -> [Int] {
        (0..<count).map { (2 * $0 + 1) * width / (2 * count) }
    }

    /// The mean absolute difference of channel values, 0...255.
    func difference(from other: FrameStatistics) -> Float {
        var sum = 0
        for i in colours.indices { sum += abs(Int(colours[i]) - Int(other.colours[i])) }
        return Float(sum) / Float(colours.count)
    }

    private static func degeneracy(colours: [UInt8], luma: [Float]) -> Degeneracy? {
        let contrast = (0..<3).map { channel in
            let values = stride(from: channel, to: colours.count, by: 3).map { Float(colours[$0]) }
            return variance(values).squareRoot()
        }
        if (contrast.max() ?? 0) < minimumContrast { return .oneColour }
        let (residual, total) = residualVariance(of: luma)
        let isRegular = residual < minimumDetailShare * total
        if isRegular || residual.squareRoot() < minimumDetail {
            return isRegular && correlations(of: luma, lag: 2).min() < gradientCorrelation
                ? .pattern : .noDetail
        }
        let share = blockVariance(of: luma) / variance(luma)
        if share < noiseBlockShare,
            correlations(of: luma, lag: 4).max() < noiseCorrelation
        {
            return .noise
        }
        return share < patternBlockShare ? .pattern : nil
    }

    /// Accumulated in Float, on which the bits of `degeneracy`'s limits depend.
    private static func mean(_ values: [Float]) -> Float {
        values.reduce(0, +) / Float(values.count)
    }

    private static func variance(_ values: [Float]) -> Float {
        let mean = mean(values)
        return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(values.count)
    }

    /// The variance of the block means.
    private static func blockVariance(of luma: [Float]) -> Float {
        let blocks = lumaSide / blockSide
        var sums = [Float](repeating: 0, count: blocks * blocks)
        for y in 0..<blocks * blockSide {
            for x in 0..<blocks * blockSide {
                sums[y / blockSide * blocks + x / blockSide] += luma[y * lumaSide + x]
            }
        }
        return variance(sums.map { $0 / Float(blockSide * blockSide) })
    }

    /// The horizontal and vertical correlations of samples at a distance of `lag`.
    private static func correlations(of luma: [Float], lag: Int) -> SIMD2<Float> {
        let mean = mean(luma)
        func correlation(_ step: Int, rows: Int, columns: Int) -> Float {
            var (product, first, second) = (Float(0), Float(0), Float(0))
            for y in 0..<rows {
                for x in 0..<columns {
                    let a = luma[y * lumaSide + x] - mean
                    let b = luma[y * lumaSide + x + step] - mean
                    product += a * b
                    first += a * a
                    second += b * b
                }
            }
            return product / max((first * second).squareRoot(), .leastNormalMagnitude)
        }
        return SIMD2(
            correlation(lag, rows: lumaSide, columns: lumaSide - lag),
            correlation(lag * lumaSide, rows: lumaSide - lag, columns: lumaSide))
    }

    /// The variance of luma without its `patternRank` largest singular components, and the total.
    ///
    /// Resizing is separable, so that a pattern of low rank keeps its rank. Computed by subspace
    /// iteration on every other sample. The few iterations overestimate the residual where there is
    /// no gap after the largest singular values, that is, in frames with detail.
    private static func residualVariance(of luma: [Float]) -> (residual: Float, total: Float) {
        var matrix = [Float](repeating: 0, count: side * side)
        for y in 0..<side {
            for x in 0..<side { matrix[y * side + x] = luma[2 * y * lumaSide + 2 * x] }
        }
        let mean = mean(matrix)
        for i in matrix.indices { matrix[i] -= mean }
        let total = matrix.reduce(0) { $0 + $1 * $1 }
        guard total > 0 else { return (0, 0) }

        // `[patternRank, side]`: fixed start vectors with a component in every pattern.
        var basis = (0..<patternRank).map { k in
            (0..<side).map { x -> Float in
                let mixed = x * (2 * k + 3) * 37 % 101
                return 1 + Float(mixed) / 101
            }
        }
        var captured: Float = 0
        for _ in 0..<4 {
            orthonormalise(&basis)
            let projections = basis.map { vector in product(matrix, vector, transposed: false) }
            captured = projections.reduce(0) { $0 + $1.reduce(0) { $0 + $1 * $1 } }
            basis = projections.map { product(matrix, $0, transposed: true) }
        }
        let count = Float(matrix.count)
        return (max(total - captured, 0) / count, total / count)
    }

    private static func product(
        _ matrix: [Float], _ vector: [Float], transposed: Bool
    ) -> [Float] {
        var result = [Float](repeating: 0, count: side)
        for y in 0..<side {
            if transposed {
                for x in 0..<side { result[x] += matrix[y * side + x] * vector[y] }
            } else {
                var sum: Float = 0
                for x in 0..<side { sum += matrix[y * side + x] * vector[x] }
                result[y] = sum
            }
        }
        return result
    }

    /// Gram–Schmidt, run twice against rounding errors; linearly dependent vectors become 0.
    private static func orthonormalise(_ basis: inout [[Float]]) {
        for k in basis.indices {
            for _ in 0..<2 {
                for j in 0..<k {
                    let share = zip(basis[j], basis[k]).reduce(0) { $0 + $1.0 * $1.1 }
                    for x in basis[k].indices { basis[k][x] -= share * basis[j][x] }
                }
            }
            let length = basis[k].reduce(0) { $0 + $1 * $1 }.squareRoot()
            let scale = length > 1e-6 ? 1 / length : 0
            for x in basis[k].indices { basis[k][x] *= scale }
        }
    }
}
