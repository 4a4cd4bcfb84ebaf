import CKernels
import Testing

/// The self-check of the kernels with AMX, and AMX against its emulation.
@Suite struct AMXTests {
    @Test(arguments: AttentionTests.levels)
    func `the kernels of every level pass the self-check`(level: ganrm_kernel_level) throws {
        #expect(try wrongKernel(try #require(ganrm_kernels_at(level)).pointee) == nil)
    }

    private static let hasEmulation = ganrm_kernels_at(GANRM_KERNELS_AMX_EMULATED) != nil

    /// Bits of the first and of the last sum of a row, from the lowest to the sign.
    @Test(.enabled(if: hasEmulation), arguments: [0, 1, 7, 22, 23, 30, 31, 480, 511])
    func `the self-check sees a single wrong bit of a product`(bit: Int) throws {
        let emulated = try #require(ganrm_kernels_at(GANRM_KERNELS_AMX_EMULATED)).pointee
        let reference = try #require(ganrm_kernels_at(GANRM_KERNELS_REFERENCE)).pointee
        ganrm_amx_emulation_fail(Int32(bit))
        defer { ganrm_amx_emulation_fail(-1) }
        #expect(try wrongKernel(emulated) == "a linear layer in int8")
        if bit % 32 < 7 { return }
        // In attention, the lowest bits are within the rounding error.
        var attention = reference
        attention.attention_int8 = emulated.attention_int8
        #expect(try wrongKernel(attention) == "attention in int8")
        if bit % 32 < 22 { return }
        attention.attention_bf16 = emulated.attention_bf16
        #expect(try wrongKernel(attention) == "attention in bf16")
    }

    private func wrongKernel(_ kernels: ganrm_kernels) throws -> String? {
        withUnsafePointer(to: kernels) { ganrm_wrong_kernel($0).map { String(cString: $0) } }
    }

    private static let hasAMX = ganrm_kernels_at(GANRM_KERNELS_AMX) != nil

    /// Inner lengths that fill whole AMX tiles, because other instructions compute the rest.
    @Test(.enabled(if: hasAMX && hasEmulation), arguments: [GANRM_BF16, GANRM_INT8])
    func `AMX computes the bits of its emulation`(dtype: ganrm_dtype) throws {
        let amx = try #require(ganrm_kernels_at(GANRM_KERNELS_AMX)).pointee
        let emulated = try #require(ganrm_kernels_at(GANRM_KERNELS_AMX_EMULATED)).pointee
        for shape in [(1, 64, 5), (16, 192, 32), (53, 768, 70)] {
            let problem = LinearTests.Problem(shape, dtype, seed: 4, for: amx)
            let count = problem.rows * problem.columns
            let rows = 0..<problem.rows
            var found = [Float](repeating: 0, count: count)
            var expected = found
            problem.run(amx, GANRM_NO_ACTIVATION, rows: rows, GANRM_STORE_F32, into: &found)
            problem.run(
                emulated, GANRM_NO_ACTIVATION, rows: rows, GANRM_STORE_F32, into: &expected)
            #expect(found == expected)
        }
        let attention = AttentionCase(tokens: 83, headWidth: 64, scale: 2, tolerance: 0)
        #expect(
            attention.int8(amx, queries: 0..<83) == attention.int8(emulated, queries: 0..<83))
    }
}
