import CKernels
import Foundation
import Tensors
import TestSupport
import Testing

/// Attention at every CPU level against PyTorch and against plain C, on shapes with odd tails.
@Suite struct AttentionTests {
    /// The levels that this CPU runs, the plain one first.
    static let levels = [
        GANRM_KERNELS_PLAIN, GANRM_KERNELS_PORTABLE, GANRM_KERNELS_AVX2, GANRM_KERNELS_AVX512,
        GANRM_KERNELS_AVX512_BF16,
    ].filter { ganrm_kernels_at($0) != nil }

    /// What the 32-bit results may differ by: values are in −1…1, and rounding moves large logits.
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

    /// Half of the last place that a bfloat16 near 1 has, for the exponentials and for the result,
    /// and the polynomial's share.
    static let halfTolerance: Float = 0x1p-8 + 1e-4

    @Test(arguments: levels, cases)
    func `follows PyTorch`(level: ganrm_kernel_level, attention: AttentionCase) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let golden = try WeightFile.open(
            folder.appendingPathComponent("Golden/attention.safetensors").path)
        let floats = try #require(golden.tensors["\(attention)/f32"]).floats()
        let halves = try #require(golden.tensors["\(attention)/bf16"]).floats()
        let queries = 0..<floats.count / attention.headWidth
        expect(
            attention.floats(kernels, queries: queries), floats, within: attention.tolerance)
        expect(attention.halves(kernels, queries: queries), halves, within: Self.halfTolerance)
    }

    @Test(arguments: levels.dropFirst(), [1, 7, 16, 24, 33, 64, 80, 88, 128])
    func `equals plain C on odd shapes`(level: ganrm_kernel_level, headWidth: Int) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let plain = try #require(ganrm_kernels_at(GANRM_KERNELS_PLAIN)).pointee
        for tokens in [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 100] {
            let attention = AttentionCase(
                tokens: tokens, headWidth: headWidth, scale: 2, tolerance: 4e-6)
            let queries = 0..<tokens
            expect(
                attention.floats(kernels, queries: queries),
                attention.floats(plain, queries: queries), within: attention.tolerance)
            expect(
                attention.halves(kernels, queries: queries),
                attention.halves(plain, queries: queries), within: Self.halfTolerance)
        }
    }

    @Test(arguments: levels)
    func `what a query gets depends neither on its neighbours nor on the cut`(
        level: ganrm_kernel_level
    ) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let attention = AttentionCase(tokens: 53, headWidth: 40, scale: 2, tolerance: 0)
        let floats = attention.floats(kernels, queries: 0..<53)
        let halves = attention.halves(kernels, queries: 0..<53)
        for queries in [0..<1, 1..<3, 5..<10, 7..<24, 52..<53] {
            let numbers = queries.lowerBound * 40..<queries.upperBound * 40
            #expect(attention.floats(kernels, queries: queries) == Array(floats[numbers]))
            #expect(attention.halves(kernels, queries: queries) == Array(halves[numbers]))
        }
    }

    /// The root of the mean squared error, by that of the values.
    private func relativeError(_ found: [Float], _ expected: [Float]) -> Float {
        let error = zip(found, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return (error / expected.reduce(0) { $0 + $1 * $1 }).squareRoot()
    }

    /// A byte is off by up to 1/254 of the largest number, four times bfloat16's rounding.
    @Test(arguments: levels, cases.filter { $0.scale == 2 })
    func `bytes follow PyTorch from not far`(
        level: ganrm_kernel_level, attention: AttentionCase
    ) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let golden = try WeightFile.open(
            folder.appendingPathComponent("Golden/attention.safetensors").path)
        let expected = try #require(golden.tensors["\(attention)/bf16"]).floats()
        let queries = 0..<expected.count / attention.headWidth
        let found = attention.bytes(kernels, queries: queries)
        let error = relativeError(found, expected)
        #expect(error < 0.03, "\(error)")
        let one = queries.upperBound - 1
        #expect(
            attention.bytes(kernels, queries: one..<one + 1)
                == Array(found.suffix(attention.headWidth)))
    }

    /// Large logits give few keys most of the attention, and small exponentials are many.
    @Test(arguments: levels, [50, 257, 700])
    func `the first query may have finer exponentials`(
        level: ganrm_kernel_level, tokens: Int
    ) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let plain = try #require(ganrm_kernels_at(GANRM_KERNELS_PLAIN)).pointee
        var coarse = 0 as Float, fine = 0 as Float
        for headWidth in [16, 32, 48, 64] {
            var attention = AttentionCase(
                tokens: tokens, headWidth: headWidth, scale: 2, tolerance: 0)
            for query in 0..<12 {
                let expected = attention.halves(plain, queries: query..<query + 1)
                attention.fineFirst = false
                let without = attention.bytes(kernels, queries: query..<query + 14)
                attention.fineFirst = true
                let with = attention.bytes(kernels, queries: query..<query + 14)
                #expect(with.dropFirst(headWidth) == without.dropFirst(headWidth))
                coarse += relativeError(Array(without.prefix(headWidth)), expected)
                fine += relativeError(Array(with.prefix(headWidth)), expected)
            }
        }
        // Other levels compute in bfloat16.
        #expect(level == GANRM_KERNELS_AVX512_BF16 ? fine < 0.85 * coarse : fine == coarse)
    }

    @Test(arguments: levels)
    func `keeps what is not a number visible`(level: ganrm_kernel_level) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        var query = AttentionCase(tokens: 19, headWidth: 16, scale: 2, tolerance: 0)
        query.broken = (token: 3, part: 0)
        var key = query
        key.broken = (token: 18, part: 1)
        for gathered in [
            query.floats(kernels, queries: 0..<19), query.halves(kernels, queries: 0..<19),
        ] {
            for (i, number) in gathered.enumerated() { #expect(number.isNaN == (i / 16 == 3)) }
        }
        #expect(key.floats(kernels, queries: 0..<19).allSatisfy { $0.isNaN })
        #expect(key.halves(kernels, queries: 0..<19).allSatisfy { $0.isNaN })
        #expect(key.bytes(kernels, queries: 0..<19).allSatisfy { $0.isNaN })
        #expect(query.bytes(kernels, queries: 3..<4).allSatisfy { $0.isNaN })
    }

    private func expect(_ found: [Float], _ expected: [Float], within tolerance: Float) {
        #expect(found.count == expected.count)
        let largest = zip(found, expected).map { abs($0 - $1) }.max() ?? .infinity
        // Not a number is not within anything.
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance }, "off by \(largest)")
    }
}
