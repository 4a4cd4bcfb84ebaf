import CKernels
import Foundation
import TestSupport
import Testing

/// Every CPU level against the reference, which computes in double precision, on shapes with odd tails.
@Suite struct KernelTests {
    /// The levels that this CPU supports, without the reference.
    static let levels = AttentionTests.levels.filter { $0 != GANRM_KERNELS_REFERENCE }
    static let widths = [1, 7, 8, 15, 16, 17, 31, 48, 64, 100, 257, 768, 1023]

    /// Pseudo-random values in a range.
    static func values(_ count: Int, _ range: ClosedRange<Float>, seed: UInt64) -> [Float] {
        var generator = SplitMix(state: seed)
        return (0..<count).map { _ in Float.random(in: range, using: &generator) }
    }

    static func float(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

    @Test(arguments: levels, widths)
    func `layer norm equals the reference`(level: ganrm_kernel_level, width: Int) throws {
        let fast = try #require(ganrm_kernels_at(level)).pointee
        let reference = try #require(ganrm_kernels_at(GANRM_KERNELS_REFERENCE)).pointee
        let rows = 3
        let (rowCount, wide) = (Int64(rows), Int64(width))
        let x = Self.values(rows * width, -3...9, seed: UInt64(width))
        let scale = Self.values(width, -2...2, seed: 1)
        let shift = Self.values(width, -1...1, seed: 2)
        var expected = [Float](repeating: 0, count: rows * width)
        var found = [Float](repeating: .nan, count: rows * width + 1)
        reference.layer_norm(x, rowCount, wide, scale, shift, 1e-5, &expected, wide)
        fast.layer_norm(x, rowCount, wide, scale, shift, 1e-5, &found, wide)
        for (a, b) in zip(found, expected) { #expect(abs(a - b) <= 2e-5, "\(a) is not \(b)") }
        #expect(found[rows * width].isNaN, "wrote past the end")

        var inPlace = x
        inPlace.withUnsafeMutableBufferPointer { x in
            fast.layer_norm(
                x.baseAddress, rowCount, wide, scale, shift, 1e-5, x.baseAddress,
                wide)
        }
        #expect(inPlace == Array(found.dropLast()), "in place differs")

        var rounded = [UInt16](repeating: 7, count: rows * width + 1)
        fast.layer_norm_bf16(x, rowCount, wide, scale, shift, 1e-5, &rounded, wide)
        var roundedAfterwards = [UInt16](repeating: 0, count: rows * width)
        reference.f32_to_bf16(inPlace, Int64(rows * width), &roundedAfterwards)
        #expect(Array(rounded.dropLast()) == roundedAfterwards)
        #expect(rounded[rows * width] == 7, "wrote past the end")

        let stride = width + 5
        var apart = [Float](repeating: 7, count: rows * stride)
        fast.layer_norm(x, rowCount, wide, scale, shift, 1e-5, &apart, Int64(stride))
        var roundedApart = [UInt16](repeating: 7, count: rows * stride)
        fast.layer_norm_bf16(x, rowCount, wide, scale, shift, 1e-5, &roundedApart, Int64(stride))
        for row in 0..<rows {
            let (first, begin) = (row * width, row * stride)
            #expect(apart[begin..<begin + width].elementsEqual(found[first..<first + width]))
            #expect(
                roundedApart[begin..<begin + width].elementsEqual(rounded[first..<first + width]))
            #expect(apart[begin + width..<begin + stride].allSatisfy { $0 == 7 })
            #expect(roundedApart[begin + width..<begin + stride].allSatisfy { $0 == 7 })
        }
    }

    @Test(arguments: levels)
    func `rounding to bf16 equals the reference on all kinds of values`(
        level: ganrm_kernel_level
    ) throws {
        let fast = try #require(ganrm_kernels_at(level)).pointee
        let reference = try #require(ganrm_kernels_at(GANRM_KERNELS_REFERENCE)).pointee
        var generator = SplitMix(state: 4)
        var x = (0..<4099).map { _ in Float(bitPattern: generator.next32()) }
        x += [0, -0.0, .infinity, -.infinity, .nan, 1, .leastNonzeroMagnitude]
        x += [
            .greatestFiniteMagnitude, Float(bitPattern: 0x3f80_8000),
            .init(bitPattern: 0x3f81_8000),
        ]
        var expected = [UInt16](repeating: 0, count: x.count)
        var found = expected
        if level == GANRM_KERNELS_AVX512_BF16 || level == GANRM_KERNELS_AMX {
            // AVX512-BF16 flushes subnormal values to 0.
            x = x.map { $0.isSubnormal ? 0 * $0 : $0 }
        }
        reference.f32_to_bf16(x, Int64(x.count), &expected)
        fast.f32_to_bf16(x, Int64(x.count), &found)
        #expect(found == expected)
    }

    @Test func `the reference rounds to nearest, ties to even`() throws {
        let reference = try #require(ganrm_kernels_at(GANRM_KERNELS_REFERENCE)).pointee
        let bits: [UInt32] = [0x3f80_7fff, 0x3f80_8000, 0x3f81_8000, 0x3f80_8001, 0x7fc0_0001]
        var found = [UInt16](repeating: 0, count: bits.count)
        reference.f32_to_bf16(bits.map { Float(bitPattern: $0) }, Int64(bits.count), &found)
        #expect(found == [0x3f80, 0x3f80, 0x3f82, 0x3f81, 0x7fc0])
    }

    @Test(arguments: AttentionTests.levels, [(37, 131), (1, 5), (3, 512), (2, 1541)])
    func `column means equal sums in double precision`(
        level: ganrm_kernel_level, shape: (rows: Int, width: Int)
    ) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let (rows, width) = shape
        let stride = width + 29
        let x = Self.values(rows * stride, -1...5, seed: 5)
        var found = [Float](repeating: 7, count: width + 1)
        func expectMeans(of x: [Float]) {
            for column in 0..<width {
                let sum = (0..<rows).reduce(0.0) { $0 + Double(x[$1 * stride + column]) }
                #expect(found[column] == Float(sum / Double(rows)))
            }
            #expect(found[width] == 7, "wrote past the end")
        }
        kernels.column_means(GANRM_F32, x, Int64(rows), Int64(stride), Int64(width), &found)
        expectMeans(of: x)
        var bf16 = [UInt16](repeating: 0, count: x.count)
        kernels.f32_to_bf16(x, Int64(x.count), &bf16)
        kernels.column_means(
            GANRM_BF16, bf16, Int64(rows), Int64(stride), Int64(width), &found)
        expectMeans(of: bf16.map { Float(bitPattern: UInt32($0) << 16) })
    }

    @Test(arguments: levels, [(1, 5), (3, 64), (8, 387)])
    func `Gram matrices equal the reference, with the same bits at every level`(
        level: ganrm_kernel_level, shape: (frames: Int, length: Int)
    ) throws {
        let (frames, length) = shape
        let x = Self.values(frames * (length + 3), -2...2, seed: 6)
        func gram(_ level: ganrm_kernel_level) throws -> [Double] {
            let kernels = try #require(ganrm_kernels_at(level)).pointee
            var out = [Double](repeating: 0, count: frames * frames)
            x.withUnsafeBufferPointer { x in
                let pointers = (0..<frames).map { frame in
                    x.baseAddress.map { $0 + frame * (length + 3) }
                }
                kernels.frame_gram(pointers, 3, frames, length, &out)
            }
            return out
        }
        let found = try gram(level)
        for (a, b) in try zip(found, gram(GANRM_KERNELS_REFERENCE)) { #expect(abs(a - b) < 1e-10) }
        #expect(try found == gram(GANRM_KERNELS_PORTABLE))
    }

    /// Tables of a resampling with random taps; `Weight` is the type of the kernel's weights.
    private struct ResamplingCase<Weight> {
        let sourceWidth = 37
        let sourceHeight = 23
        let width = 19
        let height = 11
        let source: [UInt8]
        let usedRows: [Int32]
        let columnOffsets: [Int32]
        let columnWeights: [Weight]
        let rowIndices: [Int32]
        let rowWeights: [Weight]
        let taps: Int

        /// - Parameter weight: Converts a weight of about 1 / taps.
        init(taps: Int, weight: (Float) -> Weight) {
            var generator = SplitMix(state: UInt64(taps))
            self.taps = taps
            let rows = (0..<sourceHeight).filter { $0 % 3 > 0 }
            usedRows = rows.map(Int32.init)
            source = (0..<sourceWidth * sourceHeight * 3).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            func table<Value>(_ count: Int, _ body: () -> Value) -> [Value] {
                (0..<count * taps).map { _ in body() }
            }
            let columns = Int32(sourceWidth)
            columnOffsets = table(width) { 3 * Int32.random(in: 0..<columns, using: &generator) }
            rowIndices = table(height) {
                Int32.random(in: 0..<Int32(rows.count), using: &generator)
            }
            func weights(_ count: Int) -> [Weight] {
                table(count) {
                    weight(Float.random(in: -0.4...1.6, using: &generator) / Float(taps))
                }
            }
            columnWeights = weights(width)
            rowWeights = weights(height)
        }

        /// The bytes of the result, which has values of `Output`.
        func run<Output>(_ kernel: Kernel, _ output: Output.Type = UInt8.self) -> [UInt8] {
            let count = width * height * 3 * MemoryLayout<Output>.size
            var result = [UInt8](repeating: 7, count: count + 1)
            usedRows.withUnsafeBufferPointer { usedRows in
                columnOffsets.withUnsafeBufferPointer { columnOffsets in
                    columnWeights.withUnsafeBytes { columnWeights in
                        rowIndices.withUnsafeBufferPointer { rowIndices in
                            rowWeights.withUnsafeBytes { rowWeights in
                                var plan = ganrm_resample_plan(
                                    source_width: Int32(sourceWidth),
                                    source_height: Int32(sourceHeight), width: Int32(width),
                                    height: Int32(height), column_taps: Int32(taps),
                                    row_taps: Int32(taps), used_rows: Int32(usedRows.count),
                                    used_row: usedRows.baseAddress,
                                    column_offset: columnOffsets.baseAddress,
                                    column_weight: columnWeights.baseAddress,
                                    row_index: rowIndices.baseAddress,
                                    row_weight: rowWeights.baseAddress)
                                #expect(kernel(&plan, source, &result) == 0)
                            }
                        }
                    }
                }
            }
            #expect(result.last == 7, "wrote past the end")
            return result
        }

        typealias Kernel = (
            UnsafePointer<ganrm_resample_plan>?, UnsafePointer<UInt8>?, UnsafeMutableRawPointer?
        ) -> Int32
    }

    @Test(arguments: levels)
    func `resampling has the reference's bits at every level`(level: ganrm_kernel_level) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let reference = try #require(ganrm_kernels_at(GANRM_KERNELS_REFERENCE)).pointee
        for taps in [1, 5, 12] {
            let fixed22 = ResamplingCase(taps: taps) { Int32($0 * 0x1p22) }
            #expect(
                fixed22.run(kernels.resample_fixed22) == fixed22.run(reference.resample_fixed22))
            #expect(
                fixed22.run(kernels.resample_fixed22_rows_first)
                    == fixed22.run(reference.resample_fixed22_rows_first))
            // Weights with all the bits of a double.
            let double = ResamplingCase(taps: taps) { Double($0) / 3 }
            #expect(
                double.run(kernels.resample_double, Float.self)
                    == double.run(reference.resample_double, Float.self))
            #expect(
                double.run(kernels.resample_double_rows_first, Float.self)
                    == double.run(reference.resample_double_rows_first, Float.self))
        }
        let fixed11 = ResamplingCase(taps: 2) { Int32($0 * 0x1p11) }
        #expect(fixed11.run(kernels.resample_fixed11) == fixed11.run(reference.resample_fixed11))
        for taps in [1, 2, 4, 5, 12] {
            let float = ResamplingCase(taps: taps) { $0 }
            #expect(
                float.run(kernels.resample_float_rounded)
                    == float.run(reference.resample_float_rounded))
            #expect(
                float.run(kernels.resample_float, Float.self)
                    == float.run(reference.resample_float, Float.self))
        }
    }
}
