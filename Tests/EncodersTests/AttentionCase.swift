import CKernels
import TestSupport
import Testing

/// One head's attention on made-up numbers, as `Golden/attention.py` makes them up.
struct AttentionCase: Sendable, CustomStringConvertible, CustomTestStringConvertible {
    let tokens: Int
    let headWidth: Int
    /// Of queries and keys; values are in −1…1.
    let scale: Int
    /// Of 32-bit results.
    let tolerance: Float
    /// Whether the first query's exponentials have 16 bits where others have 8.
    var fineFirst = false
    /// Where to put a NaN: into a token's query (0), key (1) or value (2).
    var broken: (token: Int, part: Int)?

    var description: String { "\(tokens)x\(headWidth)x\(scale)" }
    var testDescription: String { description }

    /// Rows of queries, keys and values, with a gap at the end.
    private var stride: Int { 3 * headWidth + 6 }

    /// `[tokens, stride]`.
    private func rows() -> [Float] {
        var rows = [Float](repeating: 9, count: tokens * stride)
        for (part, name) in ["queries", "keys", "values"].enumerated() {
            let numbers = SplitMix.numbers(
                "attention/\(self)/\(name)", count: tokens * headWidth,
                scale: name == "values" ? 1 : Float(scale))
            for token in 0..<tokens {
                for i in 0..<headWidth {
                    rows[token * stride + part * headWidth + i] = numbers[token * headWidth + i]
                }
            }
        }
        if let broken { rows[broken.token * stride + broken.part * headWidth] = .nan }
        return rows
    }

    /// What the queries gather in float32, `[queries, headWidth]`.
    func floats(_ kernels: ganrm_kernels, queries: Range<Int>) -> [Float] {
        gathered(rows(), queries, kernels.attention, untouched: 7)
    }

    /// What they gather in bfloat16.
    func halves(_ kernels: ganrm_kernels, queries: Range<Int>) -> [Float] {
        gatheredFromHalves(kernels, queries, kernels.attention_bf16)
    }

    /// What they gather in bfloat16 where queries meet keys as bytes.
    func bytes(_ kernels: ganrm_kernels, queries: Range<Int>) -> [Float] {
        gatheredFromHalves(kernels, queries, kernels.attention_int8)
    }

    private typealias Attend =
        @convention(c) (
            UnsafePointer<ganrm_attention>?, UnsafeRawPointer?, Int64, UnsafeRawPointer?,
            UnsafeRawPointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?
        ) -> Void

    /// What `attend`, which takes and gives bfloat16, gathers.
    private func gatheredFromHalves(
        _ kernels: ganrm_kernels, _ queries: Range<Int>, _ attend: Attend?
    ) -> [Float] {
        let rows = rows()
        var halves = [UInt16](repeating: 0, count: rows.count)
        kernels.to_bf16(rows, Int64(rows.count), &halves)
        return gathered(halves, queries, attend, untouched: 7)
            .map { Float(bitPattern: UInt32($0) << 16) }
    }

    /// Runs `attend` on scratch memory full of NaN and checks that it writes where it may.
    private func gathered<Number: Equatable>(
        _ rows: [Number], _ queries: Range<Int>, _ attend: Attend?,
        untouched: Number
    ) -> [Number] {
        let outStride = headWidth + 3
        var shape = ganrm_attention(
            tokens: Int64(tokens), head_width: Int64(headWidth), stride: Int64(stride),
            out_stride: Int64(outStride), scale: 1 / Float(headWidth).squareRoot(),
            fine_first: fineFirst)
        var out = [Number](repeating: untouched, count: queries.count * outStride)
        let scratchSize = ganrm_attention_scratch(shape.tokens, shape.head_width)
        let scratch = UnsafeMutableRawBufferPointer.allocate(
            byteCount: scratchSize + 64, alignment: 64)
        defer { scratch.deallocate() }
        scratch.initializeMemory(as: UInt8.self, repeating: 0xff)
        rows.withUnsafeBufferPointer { rows in
            guard let queryRows = rows.baseAddress else { return }
            out.withUnsafeMutableBytes { out in
                attend?(
                    &shape, queryRows + queries.lowerBound * stride, Int64(queries.count),
                    queryRows + headWidth, queryRows + 2 * headWidth, out.baseAddress,
                    scratch.baseAddress)
            }
        }
        #expect(scratch[scratchSize...].allSatisfy { $0 == 0xff }, "wrote past the scratch memory")
        var gathered: [Number] = []
        for row in 0..<queries.count {
            let end = row * outStride + headWidth
            gathered += out[row * outStride..<end]
            #expect(
                out[end..<end + 3].allSatisfy { $0 == untouched },
                "wrote into the gap between rows")
        }
        return gathered
    }
}
