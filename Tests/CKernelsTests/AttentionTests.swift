import CKernels
import Foundation
import Tensors
import TestSupport
import Testing

/// Attention at every CPU level against PyTorch and against the reference level, on shapes with odd tails.
@Suite struct AttentionTests {
    /// The levels that this CPU supports, the reference first.
    static let levels =
        ((0..<GANRM_KERNEL_LEVELS).map { ganrm_kernel_level(UInt32($0)) }
        + [GANRM_KERNELS_AMX_EMULATED]).filter { ganrm_kernels_at($0) != nil }

    /// Tolerances of f32 results: values are in −1…1, and rounding changes large logits.
    static let cases =
        [1, 2, 15, 16, 17, 50, 197, 257, 1569].map {
            AttentionCase(tokens: $0, headWidth: 64, scale: 2, tolerance: 2e-6)
        } + [
            AttentionCase(tokens: 50, headWidth: 16, scale: 2, tolerance: 2e-6),
            AttentionCase(tokens: 50, headWidth: 32, scale: 2, tolerance: 2e-6),
            AttentionCase(tokens: 50, headWidth: 88, scale: 2, tolerance: 2e-6),
            AttentionCase(tokens: 257, headWidth: 64, scale: 8, tolerance: 1e-5),
            AttentionCase(tokens: 257, headWidth: 64, scale: 40, tolerance: 3e-4),
        ]

    /// Half an ulp of a bf16 near 1, for the exponentials and for the result, plus the polynomial's
    /// error.
    static let bf16Tolerance: Float = 0x1p-8 + 1e-4

    @Test(arguments: levels, cases)
    func `follows PyTorch`(level: ganrm_kernel_level, attention: AttentionCase) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let golden = try WeightFile.open(Fixture.path("kernels/attention.safetensors"))
        let f32 = try #require(golden.tensors["\(attention)/f32"]).floats()
        let bf16 = try #require(golden.tensors["\(attention)/bf16"]).floats()
        let queries = 0..<f32.count / attention.headWidth
        expect(
            attention.f32(kernels, queries: queries), f32, within: attention.tolerance)
        expect(attention.bf16(kernels, queries: queries), bf16, within: Self.bf16Tolerance)
    }

    @Test(arguments: levels.dropFirst(), [1, 7, 16, 24, 33, 64, 80, 88, 128])
    func `equals the reference on odd shapes`(level: ganrm_kernel_level, headWidth: Int) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let reference = try #require(ganrm_kernels_at(GANRM_KERNELS_REFERENCE)).pointee
        for tokens in [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 100] {
            let attention = AttentionCase(
                tokens: tokens, headWidth: headWidth, scale: 2, tolerance: 4e-6)
            let queries = 0..<tokens
            expect(
                attention.f32(kernels, queries: queries),
                attention.f32(reference, queries: queries), within: attention.tolerance)
            expect(
                attention.bf16(kernels, queries: queries),
                attention.bf16(reference, queries: queries), within: Self.bf16Tolerance)
        }
    }

    @Test(arguments: levels)
    func `a query's result depends neither on the other queries nor on the division into tasks`(
        level: ganrm_kernel_level
    ) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let attention = AttentionCase(tokens: 53, headWidth: 40, scale: 2, tolerance: 0)
        let f32 = attention.f32(kernels, queries: 0..<53)
        let bf16 = attention.bf16(kernels, queries: 0..<53)
        for queries in [0..<1, 1..<3, 5..<10, 7..<24, 52..<53] {
            let elements = queries.lowerBound * 40..<queries.upperBound * 40
            #expect(attention.f32(kernels, queries: queries) == Array(f32[elements]))
            #expect(attention.bf16(kernels, queries: queries) == Array(bf16[elements]))
        }
    }

    /// RMS error relative to the RMS of the expected values.
    private func relativeError(_ found: [Float], _ expected: [Float]) -> Float {
        let error = zip(found, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return (error / expected.reduce(0) { $0 + $1 * $1 }).squareRoot()
    }

    /// int8 rounding is up to 1/254 of the maximum, four times that of bf16.
    @Test(arguments: levels, cases.filter { $0.scale == 2 })
    func `int8 is close to PyTorch`(
        level: ganrm_kernel_level, attention: AttentionCase
    ) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let golden = try WeightFile.open(Fixture.path("kernels/attention.safetensors"))
        let expected = try #require(golden.tensors["\(attention)/bf16"]).floats()
        let queries = 0..<expected.count / attention.headWidth
        let found = attention.int8(kernels, queries: queries)
        let error = relativeError(found, expected)
        #expect(error < 0.03, "\(error)")
        let one = queries.upperBound - 1
        #expect(
            attention.int8(kernels, queries: one..<one + 1)
                == Array(found.suffix(attention.headWidth)))
    }

    /// With large logits, few keys get most of the attention and many exponentials are small.
    @Test(arguments: levels, [50, 257, 700])
    func `the CLS query may have a 16-bit softmax`(
        level: ganrm_kernel_level, tokens: Int
    ) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let reference = try #require(ganrm_kernels_at(GANRM_KERNELS_REFERENCE)).pointee
        var error8 = 0 as Float, error16 = 0 as Float
        for headWidth in [16, 32, 48, 64] {
            var attention = AttentionCase(
                tokens: tokens, headWidth: headWidth, scale: 2, tolerance: 0)
            for query in 0..<12 {
                let expected = attention.bf16(reference, queries: query..<query + 1)
                attention.has16BitCLS = false
                let without = attention.int8(kernels, queries: query..<query + 14)
                attention.has16BitCLS = true
                let with = attention.int8(kernels, queries: query..<query + 14)
                #expect(with.dropFirst(headWidth) == without.dropFirst(headWidth))
                error8 += relativeError(Array(without.prefix(headWidth)), expected)
                error16 += relativeError(Array(with.prefix(headWidth)), expected)
            }
        }
        // The reference and the portable level compute in bfloat16.
        let isInt8 = level.rawValue > GANRM_KERNELS_PORTABLE.rawValue
        // Where pairs of values are limited, their rounding has the larger part in the error.
        let share: Float = kernels.adds_int8_pairs ? 0.95 : 0.85
        #expect(isInt8 ? error16 < share * error8 : error16 == error8, "\(error16 / error8)")
    }

    @Test(arguments: levels, [1, 2, 13, 32, 33, 77, 512])
    func `a causal query sees the tokens up to its own`(level: ganrm_kernel_level, tokens: Int)
        throws
    {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let reference = try #require(ganrm_kernels_at(GANRM_KERNELS_REFERENCE)).pointee
        for headWidth in [16, 64, 80] {
            var attention = AttentionCase(
                tokens: tokens, headWidth: headWidth, scale: 2, tolerance: 4e-6)
            attention.isCausal = true
            let expected = attention.bf16(reference, queries: 0..<tokens)
            expect(
                attention.f32(kernels, queries: 0..<tokens),
                attention.f32(reference, queries: 0..<tokens),
                within: attention.tolerance)
            expect(
                attention.bf16(kernels, queries: 0..<tokens), expected, within: Self.bf16Tolerance)
            let error = relativeError(attention.int8(kernels, queries: 0..<tokens), expected)
            #expect(error < 0.03, "\(error)")
        }
    }

    @Test(arguments: levels)
    func `NaN propagates`(level: ganrm_kernel_level) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        var query = AttentionCase(tokens: 19, headWidth: 16, scale: 2, tolerance: 0)
        query.nan = (token: 3, part: 0)
        var key = query
        key.nan = (token: 18, part: 1)
        for results in [
            query.f32(kernels, queries: 0..<19), query.bf16(kernels, queries: 0..<19),
        ] {
            for (i, value) in results.enumerated() { #expect(value.isNaN == (i / 16 == 3)) }
        }
        #expect(key.f32(kernels, queries: 0..<19).allSatisfy { $0.isNaN })
        #expect(key.bf16(kernels, queries: 0..<19).allSatisfy { $0.isNaN })
        #expect(key.int8(kernels, queries: 0..<19).allSatisfy { $0.isNaN })
        #expect(query.int8(kernels, queries: 3..<4).allSatisfy { $0.isNaN })
    }

    private func expect(_ found: [Float], _ expected: [Float], within tolerance: Float) {
        #expect(found.count == expected.count)
        let largest = zip(found, expected).map { abs($0 - $1) }.max() ?? .infinity
        // NaN is not within any tolerance.
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance }, "off by \(largest)")
    }
}
