import CKernels
import TestSupport
import Testing

/// One head's attention on the pseudo-random values of `fixtures/kernels/attention.py`.
struct AttentionCase: Sendable, CustomStringConvertible, CustomTestStringConvertible {
    let tokens: Int
    let headWidth: Int
    /// Range of queries and keys, −scale…scale; values are in −1…1.
    let scale: Int
    /// Maximum absolute error of f32 results.
    let tolerance: Float
    /// Whether the first query's softmax is quantized to 16 bits rather than 8.
    var has16BitCLS = false
    /// Whether a query sees only the tokens up to its own; queries then begin with the first.
    var isCausal = false
    /// Position of a NaN: in a token's query (0), key (1) or value (2).
    var nan: (token: Int, part: Int)?

    var description: String { "\(tokens)x\(headWidth)x\(scale)" }
    var testDescription: String { description }

    /// Rows of queries, keys and values, with a gap at the end.
    private var stride: Int { 3 * headWidth + 6 }

    /// `[tokens, stride]`.
    private func rows() -> [Float] {
        var rows = [Float](repeating: 9, count: tokens * stride)
        for (part, name) in ["queries", "keys", "values"].enumerated() {
            let values = SplitMix.numbers(
                "attention/\(self)/\(name)", count: tokens * headWidth,
                scale: name == "values" ? 1 : Float(scale))
            for token in 0..<tokens {
                for i in 0..<headWidth {
                    rows[token * stride + part * headWidth + i] = values[token * headWidth + i]
                }
            }
        }
        if let nan { rows[nan.token * stride + nan.part * headWidth] = .nan }
        return rows
    }

    /// Attention in f32, `[queries, headWidth]`.
    func f32(_ kernels: ganrm_kernels, queries: Range<Int>) -> [Float] {
        attention(rows(), queries, kernels.attention, untouched: 7)
    }

    /// Attention in bf16.
    func bf16(_ kernels: ganrm_kernels, queries: Range<Int>) -> [Float] {
        attentionOfBF16(kernels, queries, kernels.attention_bf16)
    }

    /// Attention in int8 with bf16 input and output.
    func int8(_ kernels: ganrm_kernels, queries: Range<Int>) -> [Float] {
        attentionOfBF16(kernels, queries, kernels.attention_int8)
    }

    private typealias Kernel =
        @convention(c) (
            UnsafePointer<ganrm_attention_shape>?, UnsafeRawPointer?, Int64, UnsafeRawPointer?,
            UnsafeRawPointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?
        ) -> Void

    /// Runs `kernel`, whose input and output are bf16.
    private func attentionOfBF16(
        _ kernels: ganrm_kernels, _ queries: Range<Int>, _ kernel: Kernel?
    ) -> [Float] {
        let rows = rows()
        var bf16 = [UInt16](repeating: 0, count: rows.count)
        kernels.f32_to_bf16(rows, Int64(rows.count), &bf16)
        return attention(bf16, queries, kernel, untouched: 7)
            .map { Float(bitPattern: UInt32($0) << 16) }
    }

    /// Runs `kernel` with scratch memory full of NaN and checks that it writes only where it may.
    private func attention<Element: Equatable>(
        _ rows: [Element], _ queries: Range<Int>, _ kernel: Kernel?,
        untouched: Element
    ) -> [Element] {
        let outStride = headWidth + 3
        var shape = ganrm_attention_shape(
            tokens: Int64(tokens), head_width: Int64(headWidth), stride: Int64(stride),
            out_stride: Int64(outStride), scale: 1 / Float(headWidth).squareRoot(),
            cls_softmax_16bit: has16BitCLS, is_causal: isCausal)
        var out = [Element](repeating: untouched, count: queries.count * outStride)
        let scratchSize = ganrm_attention_scratch_bytes(shape.tokens, shape.head_width)
        let scratch = UnsafeMutableRawBufferPointer.allocate(
            byteCount: scratchSize + 64, alignment: 64)
        defer { scratch.deallocate() }
        scratch.initializeMemory(as: UInt8.self, repeating: 0xff)
        rows.withUnsafeBufferPointer { rows in
            guard let queryRows = rows.baseAddress else { return }
            out.withUnsafeMutableBytes { out in
                kernel?(
                    &shape, queryRows + queries.lowerBound * stride, Int64(queries.count),
                    queryRows + headWidth, queryRows + 2 * headWidth, out.baseAddress,
                    scratch.baseAddress)
            }
        }
        #expect(scratch[scratchSize...].allSatisfy { $0 == 0xff }, "wrote past the scratch memory")
        var results: [Element] = []
        for row in 0..<queries.count {
            let end = row * outStride + headWidth
            results += out[row * outStride..<end]
            #expect(
                out[end..<end + 3].allSatisfy { $0 == untouched },
                "wrote into the gap between rows")
        }
        return results
    }
}
