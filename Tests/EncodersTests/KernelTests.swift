import CKernels
import Foundation
import TestSupport
import Testing

/// Every CPU level against plain C, which computes in double precision, on shapes with odd tails.
@Suite struct KernelTests {
    /// The levels that this CPU runs; the plain one is what they are compared with.
    static let levels = [GANRM_KERNELS_AVX2, GANRM_KERNELS_AVX512].filter {
        ganrm_kernels_at($0) != nil
    }
    static let widths = [1, 7, 8, 15, 16, 17, 31, 48, 64, 100, 257, 768, 1023]

    /// Numbers in a range, different for each seed.
    static func numbers(_ count: Int, _ range: ClosedRange<Float>, seed: UInt64) -> [Float] {
        var generator = SplitMix(state: seed)
        return (0..<count).map { _ in Float.random(in: range, using: &generator) }
    }

    static func float(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

    @Test(arguments: levels, widths)
    func `layer norm equals plain C`(level: ganrm_kernel_level, width: Int) throws {
        let fast = try #require(ganrm_kernels_at(level)).pointee
        let plain = try #require(ganrm_kernels_at(GANRM_KERNELS_PLAIN)).pointee
        let rows = 3
        let x = Self.numbers(rows * width, -3...9, seed: UInt64(width))
        let scale = Self.numbers(width, -2...2, seed: 1)
        let shift = Self.numbers(width, -1...1, seed: 2)
        var expected = [Float](repeating: 0, count: rows * width)
        var found = [Float](repeating: .nan, count: rows * width + 1)
        plain.layer_norm(x, Int64(rows), Int64(width), scale, shift, 1e-5, &expected)
        fast.layer_norm(x, Int64(rows), Int64(width), scale, shift, 1e-5, &found)
        for (a, b) in zip(found, expected) { #expect(abs(a - b) <= 2e-5, "\(a) is not \(b)") }
        #expect(found[rows * width].isNaN, "wrote past the end")

        var inPlace = x
        inPlace.withUnsafeMutableBufferPointer { x in
            fast.layer_norm(
                x.baseAddress, Int64(rows), Int64(width), scale, shift, 1e-5, x.baseAddress)
        }
        #expect(inPlace == Array(found.dropLast()), "in place differs")

        var rounded = [UInt16](repeating: 7, count: rows * width + 1)
        fast.layer_norm_bf16(x, Int64(rows), Int64(width), scale, shift, 1e-5, &rounded)
        var roundedAfterwards = [UInt16](repeating: 0, count: rows * width)
        plain.to_bf16(inPlace, Int64(rows * width), &roundedAfterwards)
        #expect(Array(rounded.dropLast()) == roundedAfterwards)
        #expect(rounded[rows * width] == 7, "wrote past the end")
    }

    @Test(arguments: levels, widths)
    func `exponentials and their sums equal plain C`(
        level: ganrm_kernel_level, count: Int
    ) throws {
        let fast = try #require(ganrm_kernels_at(level)).pointee
        let plain = try #require(ganrm_kernels_at(GANRM_KERNELS_PLAIN)).pointee
        let (rows, stride) = (3, count + 5)
        let scores = Self.numbers(rows * stride, -40...40, seed: UInt64(count))
        var (expected, found) = (scores, scores)
        var expectedSums = [Float](repeating: 0, count: rows)
        var (foundSums, roundedSums) = (expectedSums, expectedSums)
        var rounded = [UInt16](repeating: 7, count: rows * stride)
        plain.exponentials(&expected, Int64(rows), Int64(count), Int64(stride), &expectedSums)
        fast.exponentials(&found, Int64(rows), Int64(count), Int64(stride), &foundSums)
        fast.exponentials_bf16(
            scores, Int64(rows), Int64(count), Int64(stride), &rounded, Int64(stride),
            &roundedSums)
        #expect(roundedSums == foundSums)
        for row in 0..<rows {
            #expect(abs(foundSums[row] / expectedSums[row] - 1) < 1e-6)
            let numbers = row * stride..<row * stride + count
            for i in numbers {
                let error = abs(found[i] - expected[i])
                #expect(error <= 5e-7 * expected[i] + 1e-37, "\(found[i]) is not \(expected[i])")
            }
            var roundedAfterwards = [UInt16](repeating: 0, count: count)
            plain.to_bf16(Array(found[numbers]), Int64(count), &roundedAfterwards)
            #expect(Array(rounded[numbers]) == roundedAfterwards)
            let gap = numbers.upperBound..<(row + 1) * stride
            #expect(found[gap] == scores[gap], "wrote into the gap between rows")
            #expect(rounded[gap].allSatisfy { $0 == 7 }, "wrote into the gap between rows")
        }
    }

    @Test(arguments: levels)
    func `exponentials keep what is not a number visible`(level: ganrm_kernel_level) throws {
        let fast = try #require(ganrm_kernels_at(level)).pointee
        for place in [0, 5, 18] {
            var scores = Self.numbers(19, -1...1, seed: 3)
            var sum: Float = 0
            scores[place] = .nan
            fast.exponentials(&scores, 1, 19, 19, &sum)
            #expect(scores[place].isNaN && sum.isNaN)
        }
    }

    @Test(arguments: levels, widths)
    func `scaling rows equals plain C`(level: ganrm_kernel_level, width: Int) throws {
        let fast = try #require(ganrm_kernels_at(level)).pointee
        let plain = try #require(ganrm_kernels_at(GANRM_KERNELS_PLAIN)).pointee
        let (rows, stride) = (3, width + 2)
        let x = Self.numbers(rows * width, -3...3, seed: UInt64(width))
        let factors = Self.numbers(rows, -3...3, seed: 9)
        var expected = [Float](repeating: 7, count: rows * stride)
        var found = expected
        plain.scale_rows(x, Int64(rows), Int64(width), factors, &expected, Int64(stride))
        fast.scale_rows(x, Int64(rows), Int64(width), factors, &found, Int64(stride))
        #expect(found == expected)
        var expectedBits = [UInt16](repeating: 7, count: rows * stride)
        var foundBits = expectedBits
        plain.scale_rows_bf16(x, Int64(rows), Int64(width), factors, &expectedBits, Int64(stride))
        fast.scale_rows_bf16(x, Int64(rows), Int64(width), factors, &foundBits, Int64(stride))
        #expect(foundBits == expectedBits)
    }

    @Test(arguments: levels)
    func `rounding to bfloat16 equals plain C on all kinds of numbers`(
        level: ganrm_kernel_level
    ) throws {
        let fast = try #require(ganrm_kernels_at(level)).pointee
        let plain = try #require(ganrm_kernels_at(GANRM_KERNELS_PLAIN)).pointee
        var generator = SplitMix(state: 4)
        var x = (0..<4099).map { _ in Float(bitPattern: generator.next32()) }
        x += [0, -0.0, .infinity, -.infinity, .nan, 1, .leastNonzeroMagnitude]
        x += [
            .greatestFiniteMagnitude, Float(bitPattern: 0x3f80_8000),
            .init(bitPattern: 0x3f81_8000),
        ]
        var expected = [UInt16](repeating: 0, count: x.count)
        var found = expected
        plain.to_bf16(x, Int64(x.count), &expected)
        fast.to_bf16(x, Int64(x.count), &found)
        #expect(found == expected)
    }

    @Test func `plain rounding goes to the nearest, ties to even`() throws {
        let plain = try #require(ganrm_kernels_at(GANRM_KERNELS_PLAIN)).pointee
        let bits: [UInt32] = [0x3f80_7fff, 0x3f80_8000, 0x3f81_8000, 0x3f80_8001, 0x7fc0_0001]
        var found = [UInt16](repeating: 0, count: bits.count)
        plain.to_bf16(bits.map { Float(bitPattern: $0) }, Int64(bits.count), &found)
        #expect(found == [0x3f80, 0x3f80, 0x3f82, 0x3f81, 0x7fc0])
    }

    @Test func `column means are those of double precision`() {
        let (rows, width) = (37, 131)
        let x = Self.numbers(rows * width, -1...5, seed: 5)
        var found = [Float](repeating: 0, count: width)
        ganrm_column_means(x, Int64(rows), Int64(width), &found)
        for column in 0..<width {
            let sum = (0..<rows).reduce(0.0) { $0 + Double(x[$1 * width + column]) }
            #expect(found[column] == Float(sum / Double(rows)))
        }
    }
}
