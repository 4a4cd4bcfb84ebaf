import CKernels
import Foundation
import TestSupport
import Testing

/// Linear layers at every CPU level against sums in double precision, on shapes with odd tails.
@Suite struct LinearTests {
    static let levels = AttentionTests.levels
    /// Rows, inner length, columns.
    static let shapes = [(1, 4, 16), (5, 3, 7), (6, 64, 64), (13, 147, 70), (23, 100, 200)]

    static func rounded(_ x: Float) -> Float {
        var bits: UInt16 = 0
        var x = x
        ganrm_kernels_at(GANRM_KERNELS_PLAIN).pointee.to_bf16(&x, 1, &bits)
        return Float(bitPattern: UInt32(bits) << 16)
    }

    /// Python: `x * scipy.special.ndtr(x)` and `x * scipy.special.expit(1.702 * x)`.
    static func activated(_ x: Double, _ activation: ganrm_activation) -> Double {
        switch activation {
        case GANRM_QUICK_GELU: x / (1 + exp(-1.702 * x))
        case GANRM_GELU: x * erfc(-x / 2.0.squareRoot()) / 2
        default: x
        }
    }

    /// A layer with its inputs, as the kernels take them and as they are.
    final class Problem {
        let rows: Int
        let inner: Int
        let columns: Int
        let number: ganrm_number
        let parts: Int
        /// Products and bias, before the activation, `[rows, columns]`.
        private(set) var sums: [Double] = []
        private var x: [UInt8] = []
        /// `[parts][rows]`
        private var scales: [[ganrm_byte_scale]]
        private let panels: UnsafeMutableRawPointer
        private var columnScales: [Float]
        private var columnSums: [Int32]
        private var bias: [Float]

        init(
            _ shape: (Int, Int, Int), _ number: ganrm_number, parts: Int = 1, seed: UInt64
        ) {
            let (rows, inner, columns) = shape
            (self.rows, self.inner, self.columns) = shape
            self.number = number
            self.parts = parts
            scales = Array(repeating: [], count: parts)
            let length = inner / parts
            let padded = (columns + 31) / 32 * 32
            let numbers = KernelTests.numbers(columns * inner, -1...1, seed: seed)
            let factors = KernelTests.numbers(columns, 0.5...2, seed: seed + 3)
            let innerFactors = KernelTests.numbers(inner, 0.5...2, seed: seed + 4)
            let weights = numbers.enumerated().map { place, number in
                number * factors[place / inner] * innerFactors[place % inner]
            }
            bias = KernelTests.numbers(columns, -1...1, seed: seed + 1)
            bias += [Float](repeating: .nan, count: padded - columns)
            columnScales = [Float](repeating: 0, count: parts * padded)
            columnSums = [Int32](repeating: 0, count: parts * padded)
            let size = Int(ganrm_panel_bytes(number, Int64(inner), Int64(columns)))
            panels = .allocate(byteCount: size, alignment: 64)
            panels.initializeMemory(as: UInt8.self, repeating: 0, count: size)
            // In two pieces, as queries and keys are.
            for piece in [0..<columns / 2, columns / 2..<columns] {
                numbers[(piece.lowerBound * inner)...].withUnsafeBufferPointer { numbers in
                    factors[piece].withUnsafeBufferPointer { factors in
                        innerFactors.withUnsafeBufferPointer { innerFactors in
                            var matrix = ganrm_matrix(
                                rows: Int64(piece.count), numbers: numbers.baseAddress,
                                factors: factors.baseAddress,
                                inner_factors: innerFactors.baseAddress)
                            ganrm_pack(
                                &matrix, number, Int64(inner), Int64(columns),
                                Int64(piece.lowerBound), Int64(parts), panels, &columnScales,
                                &columnSums)
                        }
                    }
                }
            }

            let cells = Int(ganrm_cells(number, Int64(inner)))
            var real = [Double](repeating: 0, count: rows * inner)
            for row in 0..<rows {
                let numbers = KernelTests.numbers(inner, -2...2, seed: seed + 2 + UInt64(row))
                var bytes: [UInt8] = []
                for part in 0..<parts {
                    scales[part].append(
                        ganrm_byte_scale(
                            one: 2 / Float(100 - part), zero: 100 + Int32((row + 7 * part) % 50)))
                }
                for (k, x) in numbers.enumerated() {
                    let scale = scales[k / length][row]
                    switch number {
                    case GANRM_F32:
                        withUnsafeBytes(of: x) { bytes += $0 }
                        real[row * inner + k] = Double(x)
                    case GANRM_BF16:
                        let x = LinearTests.rounded(x)
                        withUnsafeBytes(of: UInt16(x.bitPattern >> 16)) { bytes += $0 }
                        real[row * inner + k] = Double(x)
                    default:
                        let byte = Int((x / scale.one).rounded())
                        bytes.append(UInt8(byte + Int(scale.zero)))
                        real[row * inner + k] = Double(byte) * Double(scale.one)
                    }
                }
                x += bytes + [UInt8](repeating: 0, count: cells * 4 - bytes.count)
            }
            for row in 0..<rows {
                for column in 0..<columns {
                    var sum = Double(bias[column])
                    for k in 0..<inner {
                        var weight = weights[column * inner + k]
                        if number == GANRM_BF16 { weight = LinearTests.rounded(weight) }
                        if number == GANRM_INT8 {
                            let first = column * inner + k / length * length
                            let largest = weights[first..<first + length]
                                .reduce(0) { max($0, abs($1)) }
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
            let stride = Int(ganrm_cells(number, Int64(inner))) * 4
            var packed = ganrm_weights(
                number: number, inner: Int64(inner), columns: Int64(columns), parts: Int64(parts),
                panels: panels, bias: nil, scales: nil, sums: nil)
            bias.withUnsafeBufferPointer { bias in
                columnScales.withUnsafeBufferPointer { columnScales in
                    columnSums.withUnsafeBufferPointer { columnSums in
                        packed.bias = bias.baseAddress
                        packed.scales = columnScales.baseAddress
                        packed.sums = columnSums.baseAddress
                        Array(x[rows.lowerBound * stride..<rows.upperBound * stride])
                            .withUnsafeBytes { x in
                                scales.flatMap { $0[rows] }.withUnsafeBufferPointer { scales in
                                    var task = ganrm_linear(
                                        rows: Int64(rows.count), x: x.baseAddress,
                                        stride: Int64(stride), scales: scales.baseAddress,
                                        activation: activation, destination: destination, out: out,
                                        out_stride: Int64(columns))
                                    kernels.linear(&task, &packed)
                                }
                            }
                    }
                }
            }
        }
    }

    @Test(arguments: levels, [GANRM_F32, GANRM_BF16, GANRM_INT8])
    func `layers are what double precision says`(
        level: ganrm_kernel_level, number: ganrm_number
    ) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        for (seed, shape) in Self.shapes.enumerated() {
            let problem = Problem(shape, number, seed: UInt64(100 * seed))
            let count = problem.rows * problem.columns
            for activation in [GANRM_NO_ACTIVATION, GANRM_QUICK_GELU, GANRM_GELU] {
                let expected = problem.sums.map { Self.activated($0, activation) }
                let before = KernelTests.numbers(count, -9...9, seed: 5)
                var stored = [Float](repeating: 7, count: count + 1)
                var added = before + [7]
                var halves = [UInt16](repeating: 7, count: count + 1)
                let all = 0..<problem.rows
                problem.run(kernels, activation, rows: all, GANRM_STORE_F32, into: &stored)
                problem.run(kernels, activation, rows: all, GANRM_ADD_F32, into: &added)
                problem.run(kernels, activation, rows: all, GANRM_STORE_BF16, into: &halves)
                for i in 0..<count {
                    let size = max(1, abs(expected[i]))
                    // Sums of up to 147 products of numbers up to 2, in 24 bits.
                    #expect(abs(Double(stored[i]) - expected[i]) < 1e-5 * size)
                    #expect(abs(Double(added[i]) - expected[i] - Double(before[i])) < 1e-5 * size)
                    let half = Double(Float(bitPattern: UInt32(halves[i]) << 16))
                    #expect(abs(half - expected[i]) < 4e-3 * size)
                }
                #expect(stored[count] == 7 && added[count] == 7 && halves[count] == 7)
            }
        }
    }

    @Test(arguments: levels)
    func `parts of rows add up, each with scales of its own`(level: ganrm_kernel_level) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        for (seed, shape) in [(1, 16, 16), (5, 48, 7), (13, 192, 70), (29, 384, 64)].enumerated() {
            let problem = Problem(shape, GANRM_INT8, parts: 4, seed: UInt64(100 * seed))
            let count = problem.rows * problem.columns
            let before = KernelTests.numbers(count, -9...9, seed: 5)
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

    /// Each row a number, times 1 for each of 32 columns.
    private static func activate(
        _ numbers: [Float], _ activation: ganrm_activation, _ destination: ganrm_destination,
        _ kernels: ganrm_kernels, into out: UnsafeMutableRawPointer
    ) {
        let (ones, zeros) = ([Float](repeating: 1, count: 32), [Float](repeating: 0, count: 32))
        numbers.withUnsafeBytes { x in
            var layer = ganrm_linear(
                rows: Int64(numbers.count), x: x.baseAddress, stride: 4, scales: nil,
                activation: activation, destination: destination, out: out, out_stride: 32)
            ones.withUnsafeBytes { panels in
                zeros.withUnsafeBufferPointer { bias in
                    var weights = ganrm_weights(
                        number: GANRM_F32, inner: 1, columns: 32, parts: 1,
                        panels: panels.baseAddress, bias: bias.baseAddress, scales: nil, sums: nil)
                    kernels.linear(&layer, &weights)
                }
            }
        }
    }

    @Test(arguments: levels, [GANRM_QUICK_GELU, GANRM_GELU])
    func `activations are exact wherever their argument is`(
        level: ganrm_kernel_level, activation: ganrm_activation
    ) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let numbers =
            (-3000...3000).map { Float($0) / 217 }
            + [1e-20, -1e-5, 4.4, -5.3, 9.7, -60, 1e4, -987.6, -1e9, .nan]
        var stored = [Float](repeating: 7, count: numbers.count * 32)
        var halves = [UInt16](repeating: 7, count: numbers.count * 32)
        Self.activate(numbers, activation, GANRM_STORE_F32, kernels, into: &stored)
        Self.activate(numbers, activation, GANRM_STORE_BF16, kernels, into: &halves)
        for (i, x) in numbers.dropLast().enumerated() {
            let expected = Self.activated(Double(x), activation)
            let half = Double(Float(bitPattern: UInt32(halves[32 * i + 31]) << 16))
            let size = Double(abs(x))
            #expect(abs(Double(stored[32 * i]) - expected) <= 2e-7 * size)
            // Rounding moves a number by at most 1 part in 256.
            #expect(
                abs(half - expected) <= abs(expected) / 256 + min(5e-5, 2e-4 * size) + 2e-7 * size)
        }
        #expect(stored[stored.count - 1].isNaN)
        #expect(halves[halves.count - 1] & 0x7fff > 0x7f80)
    }

    @Test(arguments: levels, [GANRM_F32, GANRM_BF16, GANRM_INT8])
    func `a row's bits do not depend on the others`(
        level: ganrm_kernel_level, number: ganrm_number
    ) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let problem = Problem((23, 100, 200), number, seed: 9)
        var together = [Float](repeating: 0, count: 23 * 200)
        problem.run(kernels, GANRM_GELU, rows: 0..<23, GANRM_STORE_F32, into: &together)
        for row in 0..<23 {
            var alone = [Float](repeating: 0, count: 200)
            problem.run(kernels, GANRM_GELU, rows: row..<row + 1, GANRM_STORE_F32, into: &alone)
            #expect(alone == Array(together[row * 200..<(row + 1) * 200]))
        }
    }

    private static let noScale = ganrm_byte_scale(one: 0, zero: 0)

    @Test(arguments: levels, KernelTests.widths)
    func `bytes are the nearest to a row's numbers`(level: ganrm_kernel_level, width: Int) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let numbers = KernelTests.numbers(2 * width, -3...5, seed: UInt64(width))
            .map(Self.rounded)
        let halves = numbers.map { UInt16($0.bitPattern >> 16) }
        var bytes = [UInt8](repeating: 7, count: 2 * (width + 3))
        var scales = [ganrm_byte_scale](repeating: Self.noScale, count: 2)
        kernels.bf16_to_int8(
            halves, 2, Int64(width), Int64(width), 1, &bytes, Int64(width + 3), &scales)
        var ofFloats = [UInt8](repeating: 7, count: bytes.count)
        kernels.to_int8(
            numbers, 2, Int64(width), Int64(width), &ofFloats, Int64(width + 3), &scales)
        #expect(ofFloats == bytes)
        for row in 0..<2 {
            let own = numbers[row * width..<(row + 1) * width]
            let reach = own.reduce(0, max) - own.reduce(0, min)
            #expect(scales[row].one == reach / 254)
            for (i, x) in own.enumerated() {
                let number = Int32(bytes[row * (width + 3) + i]) - scales[row].zero
                #expect(abs(Float(number) - x / scales[row].one) < 0.5001)
            }
            #expect(
                bytes[row * (width + 3) + width..<(row + 1) * (width + 3)].allSatisfy { $0 == 7 })
        }
    }

    @Test(arguments: levels)
    func `each part of a row becomes bytes by itself`(level: ganrm_kernel_level) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let (rows, width, parts) = (7, 132, 3)
        let length = width / parts
        var halves = KernelTests.numbers(rows * width, -3...5, seed: 3)
            .map { UInt16(Self.rounded($0).bitPattern >> 16) }
        halves[0] = 0x42c8  // 100
        var bytes = [UInt8](repeating: 7, count: rows * width)
        var scales = [ganrm_byte_scale](repeating: Self.noScale, count: parts * rows)
        kernels.bf16_to_int8(
            halves, Int64(rows), Int64(width), Int64(width), Int64(parts), &bytes, Int64(width),
            &scales)
        for part in 0..<parts {
            var (own, ownScales) = (bytes, scales)
            let numbers = (0..<rows).flatMap { row in
                let first = row * width + part * length
                return Array(halves[first..<first + length])
            }
            kernels.bf16_to_int8(
                numbers, Int64(rows), Int64(length), Int64(length), 1, &own, Int64(length),
                &ownScales)
            for row in 0..<rows {
                let scale = scales[part * rows + row]
                #expect(scale.one == ownScales[row].one && scale.zero == ownScales[row].zero)
                let first = row * width + part * length
                #expect(
                    bytes[first..<first + length]
                        == own[row * length..<(row + 1) * length])
            }
        }
        #expect(scales[0].one > 0.39 && scales[rows].one < 0.04)
    }

    @Test(arguments: levels)
    func `bytes keep what is not a number visible`(level: ganrm_kernel_level) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        for place in [0, 5, 18] {
            var halves = [UInt16](repeating: 0x3f80, count: 2 * 19)
            halves[19 + place] = 0x7fc0
            var bytes = [UInt8](repeating: 0, count: 2 * 19)
            var scales = [ganrm_byte_scale](repeating: Self.noScale, count: 2)
            kernels.bf16_to_int8(halves, 2, 19, 19, 1, &bytes, 19, &scales)
            #expect(scales[0].one == 1 / Float(254) && scales[1].one.isNaN)
            scales[1] = Self.noScale
            let numbers = halves.map { Float(bitPattern: UInt32($0) << 16) }
            kernels.to_int8(numbers, 2, 19, 19, &bytes, 19, &scales)
            #expect(scales[1].one.isNaN)
            var x = [Float](repeating: 1, count: 2 * 19)
            x[3] = 2
            x[19 + place] = .nan
            let ones = [Float](repeating: 1, count: 19)
            kernels.layer_norm_int8(x, 2, 19, ones, ones, 1e-5, &bytes, 19, &scales)
            #expect(scales[0].one.isFinite && scales[1].one.isNaN)
        }
    }

    @Test(arguments: levels, KernelTests.widths)
    func `a norm in bytes is the norm, rounded`(level: ganrm_kernel_level, width: Int) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let x = KernelTests.numbers(3 * width, -3...9, seed: UInt64(width))
        let scale = KernelTests.numbers(width, -2...2, seed: 1)
        let shift = KernelTests.numbers(width, -1...1, seed: 2)
        var exact = [Float](repeating: 0, count: 3 * width)
        kernels.layer_norm(x, 3, Int64(width), scale, shift, 1e-5, &exact, Int64(width))
        var bytes = [UInt8](repeating: 7, count: 3 * width + 1)
        var scales = [ganrm_byte_scale](repeating: Self.noScale, count: 3)
        kernels.layer_norm_int8(
            x, 3, Int64(width), scale, shift, 1e-5, &bytes, Int64(width), &scales)
        for row in 0..<3 {
            for i in row * width..<(row + 1) * width {
                let found = Float(Int32(bytes[i]) - scales[row].zero)
                #expect(abs(found - exact[i] / scales[row].one) < 0.501)
            }
        }
        #expect(bytes[3 * width] == 7, "wrote past the end")
    }
}
