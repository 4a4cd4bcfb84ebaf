import CKernels
import Foundation
import TestSupport
import Testing

/// Linear layers at every CPU level against sums in double precision, on shapes with odd tails.
@Suite struct LinearTests {
    static let levels = AttentionTests.levels
    /// Rows, inner width, columns.
    static let shapes = [
        (1, 4, 16), (5, 3, 7), (6, 64, 64), (13, 147, 70), (23, 100, 200), (37, 128, 33),
    ]

    static func rounded(_ x: Float) -> Float {
        var bits: UInt16 = 0
        var x = x
        ganrm_kernels_at(GANRM_KERNELS_REFERENCE).pointee.f32_to_bf16(&x, 1, &bits)
        return Float(bitPattern: UInt32(bits) << 16)
    }

    /// Python: `x * scipy.special.ndtr(x)` and `x * scipy.special.expit(1.702 * x)`.
    static func activated(_ x: Double, _ activation: ganrm_activation) -> Double {
        switch activation {
        case GANRM_QUICK_GELU: x / (1 + exp(-1.702 * x))
        case GANRM_GELU: x * erfc(-x / 2.0.squareRoot()) / 2
        case GANRM_RELU: x < 0 ? 0 : x
        default: x
        }
    }

    /// Packed int8 weights, whose cells it pairs.
    final class Pairing {
        let offsets: UnsafeMutableBufferPointer<UInt16>
        let paired: UnsafeMutableBufferPointer<UInt16>

        init(_ panels: UnsafeMutableRawPointer, inner: Int, columns: Int, groups: Int) {
            let panelCount = (columns + 31) / 32 * 2
            offsets = .allocate(capacity: panelCount * ((inner + 3) / 4))
            paired = .allocate(capacity: panelCount * groups)
            var scratch = [UInt8](
                repeating: 0, count: Int(ganrm_weights_pair_scratch(Int64(inner), Int64(groups))))
            ganrm_weights_pair(
                Int64(inner), Int64(columns), Int64(groups), panels, offsets.baseAddress,
                paired.baseAddress, &scratch)
        }

        deinit {
            offsets.deallocate()
            paired.deallocate()
        }
    }

    /// Applies a layer whose output rows are contiguous, and whose input rows are whole cells.
    ///
    /// - Parameter shape: Rows, inner width, columns.
    static func apply(
        _ kernels: ganrm_kernels, _ dtype: ganrm_dtype, _ shape: (Int, Int, Int), groups: Int = 1,
        panels: UnsafeRawPointer, bias: UnsafePointer<Float>, scales: UnsafePointer<Float>? = nil,
        sums: UnsafePointer<Float>? = nil, pairing: Pairing? = nil, x: UnsafeRawPointer,
        quantization: UnsafePointer<ganrm_quantization>? = nil, _ activation: ganrm_activation,
        _ destination: ganrm_destination, into out: UnsafeMutableRawPointer
    ) {
        let (rows, inner, columns) = (Int64(shape.0), Int64(shape.1), Int64(shape.2))
        var weights = ganrm_linear_weights(
            dtype: dtype, inner: inner, columns: columns, groups: Int64(groups), panels: panels,
            bias: bias, scales: scales, weight_sums: sums, offsets: pairing?.offsets.baseAddress,
            paired: pairing?.paired.baseAddress)
        var args = ganrm_linear_args(
            rows: rows, x: x, stride: ganrm_cell_count(dtype, inner) * 4,
            quantization: quantization, activation: activation, destination: destination, out: out,
            out_stride: columns)
        kernels.linear(&args, &weights)
        withExtendedLifetime(pairing) {}
    }

    /// A layer with its inputs, packed for `kernels`, and the expected sums.
    final class Problem {
        let rows: Int
        let inner: Int
        let columns: Int
        let dtype: ganrm_dtype
        let groups: Int
        /// Products and bias, before the activation, `[rows, columns]`.
        private(set) var sums: [Double] = []
        private var x: [UInt8] = []
        /// `[groups][rows]`
        private var quantization: [[ganrm_quantization]]
        private let panels: UnsafeMutableRawPointer
        private var columnScales: [Float]
        private var columnSums: [Float]
        private var bias: [Float]
        /// Nil if the level does not need it.
        private var pairing: Pairing?

        /// - Parameter isExtreme: int8: whether all weights are ±1 and all bytes of x are 0 or 255.
        init(
            _ shape: (Int, Int, Int), _ dtype: ganrm_dtype, groups: Int = 1, seed: UInt64,
            isExtreme: Bool = false, for kernels: ganrm_kernels
        ) {
            let (rows, inner, columns) = shape
            (self.rows, self.inner, self.columns) = shape
            self.dtype = dtype
            self.groups = groups
            quantization = Array(repeating: [], count: groups)
            let length = inner / groups
            let padded = (columns + 31) / 32 * 32
            let range: ClosedRange<Float> = isExtreme ? 1...1 : 0.5...2
            let values = KernelTests.values(columns * inner, -1...1, seed: seed)
                // Squares, so that most weights are small, and cells fit together.
                .map { isExtreme ? ($0 < 0 ? -1 : 1) : $0 * abs($0) }
            let factors = KernelTests.values(columns, range, seed: seed + 3)
            let innerFactors = KernelTests.values(inner, range, seed: seed + 4)
            let weights = values.enumerated().map { index, value in
                value * factors[index / inner] * innerFactors[index % inner]
            }
            bias = KernelTests.values(columns, -1...1, seed: seed + 1)
            bias += [Float](repeating: .nan, count: padded - columns)
            columnScales = [Float](repeating: 0, count: groups * padded)
            columnSums = [Float](repeating: 0, count: groups * padded)
            let size = Int(ganrm_panel_bytes(dtype, Int64(inner), Int64(columns)))
            panels = .allocate(byteCount: size, alignment: 64)
            panels.initializeMemory(as: UInt8.self, repeating: 0, count: size)
            // In two pieces, as fused projections are.
            for piece in [0..<columns / 2, columns / 2..<columns] {
                values[(piece.lowerBound * inner)...].withUnsafeBufferPointer { values in
                    factors[piece].withUnsafeBufferPointer { factors in
                        innerFactors.withUnsafeBufferPointer { innerFactors in
                            var unpacked = ganrm_unpacked_weights(
                                rows: Int64(piece.count), values: values.baseAddress,
                                row_factors: factors.baseAddress,
                                inner_factors: innerFactors.baseAddress)
                            ganrm_weights_pack(
                                &unpacked, dtype, Int64(inner), Int64(columns),
                                Int64(piece.lowerBound), Int64(groups), kernels.adds_int8_pairs,
                                panels, &columnScales, &columnSums)
                        }
                    }
                }
            }

            let cells = Int(ganrm_cell_count(dtype, Int64(inner)))
            if dtype == GANRM_INT8 && kernels.adds_int8_pairs {
                pairing = Pairing(panels, inner: inner, columns: columns, groups: groups)
            }
            var real = [Double](repeating: 0, count: rows * inner)
            for row in 0..<rows {
                let values = KernelTests.values(inner, -2...2, seed: seed + 2 + UInt64(row))
                var bytes: [UInt8] = []
                for group in 0..<groups {
                    quantization[group].append(
                        ganrm_quantization(
                            scale: 2 / Float(100 - group),
                            zero_point: 100 + Int32((row + 7 * group) % 50)))
                }
                for (k, x) in values.enumerated() {
                    let q = quantization[k / length][row]
                    switch dtype {
                    case GANRM_F32:
                        withUnsafeBytes(of: x) { bytes += $0 }
                        real[row * inner + k] = Double(x)
                    case GANRM_BF16:
                        let x = LinearTests.rounded(x)
                        withUnsafeBytes(of: UInt16(x.bitPattern >> 16)) { bytes += $0 }
                        real[row * inner + k] = Double(x)
                    default:
                        let zero = Int(q.zero_point)
                        let byte =
                            isExtreme ? (x < 0 ? 0 : 255) - zero : Int((x / q.scale).rounded())
                        bytes.append(UInt8(byte + zero))
                        real[row * inner + k] = Double(byte) * Double(q.scale)
                    }
                }
                x += bytes + [UInt8](repeating: 0, count: cells * 4 - bytes.count)
            }
            for row in 0..<rows {
                for column in 0..<columns {
                    var sum = Double(bias[column])
                    for k in 0..<inner {
                        var weight = weights[column * inner + k]
                        if dtype == GANRM_BF16 { weight = LinearTests.rounded(weight) }
                        if dtype == GANRM_INT8 {
                            let first = column * inner + k / length * length
                            let group = Array(weights[first..<first + length])
                            var largest = group.reduce(0) { max($0, abs($1)) }
                            if kernels.adds_int8_pairs {
                                for i in stride(from: 0, to: length - 1, by: 2) {
                                    largest = max(largest, abs(group[i] + group[i + 1]))
                                }
                            }
                            weight =
                                (weight / (largest / 127)).rounded(.toNearestOrEven) * largest / 127
                        }
                        sum += Double(weight) * real[row * inner + k]
                    }
                    sums.append(sum)
                }
            }
        }

        deinit { panels.deallocate() }

        func run(
            _ kernels: ganrm_kernels, _ activation: ganrm_activation, rows: Range<Int>,
            _ destination: ganrm_destination, into out: UnsafeMutableRawPointer
        ) {
            let stride = Int(ganrm_cell_count(dtype, Int64(inner))) * 4
            LinearTests.apply(
                kernels, dtype, (rows.count, inner, columns), groups: groups, panels: panels,
                bias: bias, scales: columnScales, sums: columnSums, pairing: pairing,
                x: Array(x[rows.lowerBound * stride..<rows.upperBound * stride]),
                quantization: quantization.flatMap { $0[rows] }, activation, destination, into: out)
        }
    }

    @Test(arguments: levels, [GANRM_F32, GANRM_BF16, GANRM_INT8])
    func `layers equal sums in double precision`(
        level: ganrm_kernel_level, dtype: ganrm_dtype
    ) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        for (seed, shape) in Self.shapes.enumerated() {
            let problem = Problem(shape, dtype, seed: UInt64(100 * seed), for: kernels)
            let count = problem.rows * problem.columns
            for activation in [GANRM_NO_ACTIVATION, GANRM_QUICK_GELU, GANRM_GELU, GANRM_RELU] {
                let expected = problem.sums.map { Self.activated($0, activation) }
                let before = KernelTests.values(count, -9...9, seed: 5)
                var stored = [Float](repeating: 7, count: count + 1)
                var added = before + [7]
                var bf16 = [UInt16](repeating: 7, count: count + 1)
                let all = 0..<problem.rows
                problem.run(kernels, activation, rows: all, GANRM_STORE_F32, into: &stored)
                problem.run(kernels, activation, rows: all, GANRM_ADD_F32, into: &added)
                problem.run(kernels, activation, rows: all, GANRM_STORE_BF16, into: &bf16)
                for i in 0..<count {
                    let size = max(1, abs(expected[i]))
                    // Sums of up to 147 products of values up to 2, in 24 bits.
                    #expect(abs(Double(stored[i]) - expected[i]) < 1e-5 * size)
                    let sum = Self.activated(problem.sums[i] + Double(before[i]), activation)
                    #expect(abs(Double(added[i]) - sum) < 1e-5 * max(1, abs(sum)))
                    let rounded = Double(Float(bitPattern: UInt32(bf16[i]) << 16))
                    #expect(abs(rounded - expected[i]) < 4e-3 * size)
                }
                #expect(stored[count] == 7 && added[count] == 7 && bf16[count] == 7)
            }
        }
    }

    @Test(arguments: levels)
    func `quantization groups add up, each with its own scales`(level: ganrm_kernel_level) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        for (seed, shape) in [(1, 16, 16), (5, 48, 7), (13, 192, 70), (29, 384, 64)].enumerated() {
            let problem = Problem(
                shape, GANRM_INT8, groups: 4, seed: UInt64(100 * seed), for: kernels)
            let count = problem.rows * problem.columns
            let before = KernelTests.values(count, -9...9, seed: 5)
            var added = before + [7]
            let all = 0..<problem.rows
            problem.run(kernels, GANRM_NO_ACTIVATION, rows: all, GANRM_ADD_F32, into: &added)
            for i in 0..<count {
                let expected = problem.sums[i] + Double(before[i])
                #expect(abs(Double(added[i]) - expected) < 1e-5 * max(1, abs(expected)))
            }
            #expect(added[count] == 7)
            var alone = Array(before.prefix(problem.columns))
            problem.run(kernels, GANRM_NO_ACTIVATION, rows: 0..<1, GANRM_ADD_F32, into: &alone)
            #expect(alone == Array(added.prefix(problem.columns)))
        }
    }

    /// Applies an activation to `values`: a row each, with 32 columns of weight 1.
    private static func activate(
        _ values: [Float], _ activation: ganrm_activation, _ destination: ganrm_destination,
        _ kernels: ganrm_kernels, into out: UnsafeMutableRawPointer
    ) {
        apply(
            kernels, GANRM_F32, (values.count, 1, 32), panels: [Float](repeating: 1, count: 32),
            bias: [Float](repeating: 0, count: 32), x: values, activation, destination, into: out)
    }

    @Test(arguments: levels, [GANRM_QUICK_GELU, GANRM_GELU, GANRM_RELU])
    func `activations are exact wherever their argument is`(
        level: ganrm_kernel_level, activation: ganrm_activation
    ) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let values =
            (-3000...3000).map { Float($0) / 217 }
            + [1e-20, -1e-5, 4.4, -5.3, 9.7, -60, 1e4, -987.6, -1e9, .nan]
        var stored = [Float](repeating: 7, count: values.count * 32)
        var bf16 = [UInt16](repeating: 7, count: values.count * 32)
        Self.activate(values, activation, GANRM_STORE_F32, kernels, into: &stored)
        Self.activate(values, activation, GANRM_STORE_BF16, kernels, into: &bf16)
        for (i, x) in values.dropLast().enumerated() {
            let expected = Self.activated(Double(x), activation)
            let rounded = Double(Float(bitPattern: UInt32(bf16[32 * i + 31]) << 16))
            let size = Double(abs(x))
            #expect(abs(Double(stored[32 * i]) - expected) <= 2e-7 * size)
            // The relative rounding error of bf16 is at most 1/256.
            #expect(
                abs(rounded - expected) <= abs(expected) / 256 + min(5e-5, 2e-4 * size) + 2e-7
                    * size)
        }
        #expect(stored[stored.count - 1].isNaN)
        #expect(bf16[bf16.count - 1] & 0x7fff > 0x7f80)
    }

    @Test(arguments: levels, [GANRM_F32, GANRM_BF16, GANRM_INT8])
    func `a row's bits do not depend on the others`(
        level: ganrm_kernel_level, dtype: ganrm_dtype
    ) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let (rows, columns) = (39, 200)
        let problem = Problem((rows, 100, columns), dtype, seed: 9, for: kernels)
        var together = [Float](repeating: 0, count: rows * columns)
        problem.run(kernels, GANRM_GELU, rows: 0..<rows, GANRM_STORE_F32, into: &together)
        for some in (0..<rows).map({ $0..<$0 + 1 }) + [3..<20, 1..<34, 5..<38] {
            var alone = [Float](repeating: 0, count: some.count * columns)
            problem.run(kernels, GANRM_GELU, rows: some, GANRM_STORE_F32, into: &alone)
            #expect(
                alone == Array(together[some.lowerBound * columns..<some.upperBound * columns]))
        }
    }

    @Test(arguments: levels)
    func `int8 sums are exact at the ends of the range`(level: ganrm_kernel_level) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let problem = Problem(
            (12, 64, 32), GANRM_INT8, seed: 11, isExtreme: true, for: kernels)
        var found = [Float](repeating: 0, count: problem.sums.count)
        problem.run(kernels, GANRM_NO_ACTIVATION, rows: 0..<12, GANRM_STORE_F32, into: &found)
        for (found, expected) in zip(found, problem.sums) {
            #expect(abs(Double(found) - expected) < 1e-5 * max(1, abs(expected)))
        }
    }

    @Test(arguments: levels, [1, 4])
    func `cells are paired where no byte can make their products overflow`(
        level: ganrm_kernel_level, groups: Int
    ) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let (inner, columns, padded) = (384 * groups, 40, 64)
        let (cells, steps) = (inner / 4, inner / 4 / groups)
        // Sums of four, as weights are: most small, some large.
        let values = (0..<4).map { KernelTests.values(columns * inner, -1...1, seed: $0) }
        let weights = (0..<columns * inner).map { i in values.reduce(0) { $0 + $1[i] } }
        var panels = [Int8](repeating: 0, count: padded * inner)
        var scales = [Float](repeating: 0, count: groups * padded)
        var columnSums = scales
        weights.withUnsafeBufferPointer { weights in
            var unpacked = ganrm_unpacked_weights(
                rows: Int64(columns), values: weights.baseAddress, row_factors: nil,
                inner_factors: nil)
            ganrm_weights_pack(
                &unpacked, GANRM_INT8, Int64(inner), Int64(columns), 0, Int64(groups), true,
                &panels,
                &scales, &columnSums)
        }
        let before = panels
        func weight(_ panels: [Int8], _ column: Int, _ cell: Int) -> ArraySlice<Int8> {
            let first = ((column / 16 * cells + cell) * 16 + column % 16) * 4
            return panels[first..<first + 4]
        }
        let pairing = panels.withUnsafeMutableBytes {
            Pairing($0.baseAddress!, inner: inner, columns: columns, groups: groups)
        }
        for part in 0..<padded / 16 * groups {
            let (panel, group) = (part / groups, part % groups)
            let order = pairing.offsets[part * steps..<(part + 1) * steps].map { Int($0) / 4 }
            let paired = Int(pairing.paired[part])
            #expect(order.sorted() == Array(0..<steps))
            #expect(paired.isMultiple(of: 2) && paired <= steps && paired >= steps / 2)
            for column in panel * 16..<panel * 16 + 16 {
                let reordered = (0..<steps).map {
                    Array(weight(panels, column, group * steps + $0))
                }
                #expect(
                    reordered == order.map { Array(weight(before, column, group * steps + $0)) })
                for i in stride(from: 0, to: paired, by: 2) {
                    for half in [0, 2] {
                        let four = [reordered[i], reordered[i + 1]].flatMap { $0[half...half + 1] }
                        let positive = four.reduce(0) { $0 + max(Int($1), 0) } * 255
                        let negative = four.reduce(0) { $0 + min(Int($1), 0) } * 255
                        #expect(positive <= Int(Int16.max) && negative >= Int(Int16.min))
                    }
                }
            }
        }
        guard kernels.adds_int8_pairs else { return }
        // For each column, the bytes with its largest and its smallest sum.
        let (rows, bias) = (2 * columns, [Float](repeating: 0, count: padded))
        var x: [UInt8] = []
        for row in 0..<rows {
            let column = (0..<cells).flatMap { weight(before, row / 2, $0) }
            x += column.map { ($0 > 0) == (row % 2 == 0) ? 255 : 0 }
        }
        let quantization = [ganrm_quantization](
            repeating: .init(scale: 1, zero_point: 0), count: groups * rows)
        let ones = [Float](repeating: 1, count: groups * padded)
        var out = [Float](repeating: 0, count: rows * columns)
        Self.apply(
            kernels, GANRM_INT8, (rows, inner, columns), groups: groups, panels: panels, bias: bias,
            scales: ones, sums: columnSums, pairing: pairing, x: x, quantization: quantization,
            GANRM_NO_ACTIVATION, GANRM_ADD_F32, into: &out)
        for row in 0..<rows {
            for column in 0..<columns {
                let weights = (0..<cells).flatMap { weight(before, column, $0) }
                let sum = zip(weights, x[row * inner..<(row + 1) * inner])
                    .reduce(0) { $0 + Int($1.0) * Int($1.1) }
                #expect(out[row * columns + column] == Float(sum))
            }
        }
    }

    private static let none = ganrm_quantization(scale: 0, zero_point: 0)

    @Test(arguments: levels, KernelTests.widths)
    func `quantization rounds to nearest`(level: ganrm_kernel_level, width: Int) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let values = KernelTests.values(2 * width, -3...5, seed: UInt64(width))
            .map(Self.rounded)
        let bf16 = values.map { UInt16($0.bitPattern >> 16) }
        var bytes = [UInt8](repeating: 7, count: 2 * (width + 3))
        var quantization = [ganrm_quantization](repeating: Self.none, count: 2)
        kernels.bf16_to_int8(
            bf16, 2, Int64(width), Int64(width), 1, &bytes, Int64(width + 3), &quantization)
        var fromF32 = [UInt8](repeating: 7, count: bytes.count)
        kernels.f32_to_int8(
            values, 2, Int64(width), Int64(width), &fromF32, Int64(width + 3), &quantization)
        #expect(fromF32 == bytes)
        for row in 0..<2 {
            let own = values[row * width..<(row + 1) * width]
            let reach = own.reduce(0, max) - own.reduce(0, min)
            #expect(quantization[row].scale == reach / 254)
            for (i, x) in own.enumerated() {
                let value = Int32(bytes[row * (width + 3) + i]) - quantization[row].zero_point
                #expect(abs(Float(value) - x / quantization[row].scale) < 0.5001)
            }
            #expect(
                bytes[row * (width + 3) + width..<(row + 1) * (width + 3)].allSatisfy { $0 == 7 })
        }
    }

    @Test(arguments: levels)
    func `each group of a row is quantized on its own`(level: ganrm_kernel_level) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let (rows, width, groups) = (7, 132, 3)
        let length = width / groups
        var bf16 = KernelTests.values(rows * width, -3...5, seed: 3)
            .map { UInt16(Self.rounded($0).bitPattern >> 16) }
        bf16[0] = 0x42c8  // 100
        var bytes = [UInt8](repeating: 7, count: rows * width)
        var quantization = [ganrm_quantization](repeating: Self.none, count: groups * rows)
        kernels.bf16_to_int8(
            bf16, Int64(rows), Int64(width), Int64(width), Int64(groups), &bytes, Int64(width),
            &quantization)
        for group in 0..<groups {
            var (own, ownQuantization) = (bytes, quantization)
            let values = (0..<rows).flatMap { row in
                let first = row * width + group * length
                return Array(bf16[first..<first + length])
            }
            kernels.bf16_to_int8(
                values, Int64(rows), Int64(length), Int64(length), 1, &own, Int64(length),
                &ownQuantization)
            for row in 0..<rows {
                let q = quantization[group * rows + row]
                #expect(
                    q.scale == ownQuantization[row].scale
                        && q.zero_point == ownQuantization[row].zero_point)
                let first = row * width + group * length
                #expect(
                    bytes[first..<first + length]
                        == own[row * length..<(row + 1) * length])
            }
        }
        #expect(quantization[0].scale > 0.39 && quantization[rows].scale < 0.04)
    }

    @Test(arguments: levels)
    func `quantization propagates NaN`(level: ganrm_kernel_level) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        for index in [0, 5, 18] {
            var bf16 = [UInt16](repeating: 0x3f80, count: 2 * 19)
            bf16[19 + index] = 0x7fc0
            var bytes = [UInt8](repeating: 0, count: 2 * 19)
            var quantization = [ganrm_quantization](repeating: Self.none, count: 2)
            kernels.bf16_to_int8(bf16, 2, 19, 19, 1, &bytes, 19, &quantization)
            #expect(quantization[0].scale == 1 / Float(254) && quantization[1].scale.isNaN)
            quantization[1] = Self.none
            let values = bf16.map { Float(bitPattern: UInt32($0) << 16) }
            kernels.f32_to_int8(values, 2, 19, 19, &bytes, 19, &quantization)
            #expect(quantization[1].scale.isNaN)
            var x = [Float](repeating: 1, count: 2 * 19)
            x[3] = 2
            x[19 + index] = .nan
            let ones = [Float](repeating: 1, count: 19)
            var scratch = [Float](repeating: 7, count: Int(GANRM_NORM_SCRATCH_ROWS) * 19)
            kernels.layer_norm_int8(
                x, 2, 19, ones, ones, 1e-5, &bytes, 19, &quantization, &scratch)
            #expect(quantization[0].scale.isFinite && quantization[1].scale.isNaN)
        }
    }

    @Test(arguments: levels, KernelTests.widths)
    func `an int8 norm is the f32 norm, quantized`(level: ganrm_kernel_level, width: Int) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let x = KernelTests.values(3 * width, -3...9, seed: UInt64(width))
        let scale = KernelTests.values(width, -2...2, seed: 1)
        let shift = KernelTests.values(width, -1...1, seed: 2)
        var exact = [Float](repeating: 0, count: 3 * width)
        kernels.layer_norm(x, 3, Int64(width), scale, shift, 1e-5, &exact, Int64(width))
        var bytes = [UInt8](repeating: 7, count: 3 * width + 1)
        var quantization = [ganrm_quantization](repeating: Self.none, count: 3)
        let scratchCount = Int(GANRM_NORM_SCRATCH_ROWS) * width
        var scratch = [Float](repeating: 7, count: scratchCount + 1)
        kernels.layer_norm_int8(
            x, 3, Int64(width), scale, shift, 1e-5, &bytes, Int64(width), &quantization, &scratch)
        #expect(scratch[scratchCount] == 7, "wrote past the scratch memory")
        for row in 0..<3 {
            for i in row * width..<(row + 1) * width {
                let found = Float(Int32(bytes[i]) - quantization[row].zero_point)
                #expect(abs(found - exact[i] / quantization[row].scale) < 0.501)
            }
        }
        #expect(bytes[3 * width] == 7, "wrote past the end")
    }
}
