import CKernels
import Foundation
import Statistics
import Testing

/// The head's kernels at every CPU level against sums in `Double`, on shapes with odd tails.
@Suite struct LayerKernelTests {
    private static let lanes = Int(GANRM_HEAD_LANES)
    /// The levels that this CPU supports.
    private static let levels = AttentionTests.levels
    private static let shapes = [(1, 1), (7, 5), (8, 16), (9, 33), (51, 34), (30, 47)]

    private func random(_ count: Int, seed: UInt64) -> [Float] {
        var generator = RandomGenerator(seed: seed, stream: 9)
        return (0..<count).map { _ in 2 * generator.uniform() - 1 }
    }

    /// Copies values to 64-byte aligned memory, which an array does not guarantee.
    private func aligned(_ values: [Float]) -> UnsafeMutablePointer<Float> {
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: values.count * 4, alignment: 64
        ).bindMemory(to: Float.self, capacity: values.count)
        memory.initialize(from: values, count: values.count)
        return memory
    }

    @Test(arguments: levels, shapes)
    func `a layer's output is the product`(
        level: ganrm_kernel_level, shape: (columns: Int, inner: Int)
    ) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let (columns, inner) = shape
        let weights = random(columns * inner, seed: 1)
        let x = random(inner * Self.lanes, seed: 2)
        let input = aligned(x)
        let output = aligned(random(columns * Self.lanes, seed: 3))
        defer { input.deallocate(); output.deallocate() }
        kernels.head_forward(weights, input, output, columns, inner)
        for column in 0..<columns {
            for lane in 0..<Self.lanes {
                let sum = (0..<inner).reduce(0.0) {
                    $0 + Double(weights[column * inner + $1]) * Double(x[$1 * Self.lanes + lane])
                }
                #expect(abs(Double(output[column * Self.lanes + lane]) - sum) <= 1e-5)
            }
        }
    }

    @Test(arguments: levels, shapes)
    func `a layer's input gradient is the transposed product`(
        level: ganrm_kernel_level, shape: (columns: Int, inner: Int)
    ) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let (columns, inner) = shape
        let weights = random(columns * inner, seed: 1)
        let x = random(columns * Self.lanes, seed: 2)
        let input = aligned(x)
        let output = aligned(random(inner * Self.lanes, seed: 3))
        defer { input.deallocate(); output.deallocate() }
        kernels.head_backward(weights, input, output, columns, inner, inner)
        for i in 0..<inner {
            for lane in 0..<Self.lanes {
                let sum = (0..<columns).reduce(0.0) {
                    $0 + Double(weights[$1 * inner + i]) * Double(x[$1 * Self.lanes + lane])
                }
                #expect(abs(Double(output[i * Self.lanes + lane]) - sum) <= 1e-5)
            }
        }
    }

    @Test(arguments: levels, shapes)
    func `the fused update is a product followed by AdamW`(
        level: ganrm_kernel_level, shape: (columns: Int, inner: Int)
    ) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let (columns, inner) = shape
        let rows = 18
        let count = columns * inner
        let d = random(rows * columns, seed: 1)
        let x = random(rows * inner, seed: 2)
        var weights = random(count, seed: 3)
        var first = random(count, seed: 4)
        var second = random(count, seed: 5).map(abs)
        let (w, m, v) = (weights, first, second)
        let step = ganrm_adamw_step(
            learning_rate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-4, decay_factor: 0.999,
            bias_correction1: 0.3, bias_correction2_sqrt: 0.4)
        kernels.adamw_update_linear(
            &weights, &first, &second, d, x, rows, columns, inner, columns, step)
        for i in 0..<count {
            let g = (0..<rows).reduce(0.0) {
                $0 + Double(d[$1 * columns + i / inner]) * Double(x[$1 * inner + i % inner])
            }
            let newM = 0.9 * Double(m[i]) + 0.1 * g
            let newV = 0.99 * Double(v[i]) + 0.01 * g * g
            let newW = 0.999 * Double(w[i]) - 0.01 / 0.3 * newM / (newV.squareRoot() / 0.4 + 1e-4)
            #expect(abs(Double(first[i]) - newM) <= 1e-5)
            #expect(abs(Double(second[i]) - newV) <= 1e-5)
            #expect(abs(Double(weights[i]) - newW) <= 1e-5)
        }
    }

    @Test(arguments: levels)
    func `a layer done in parts has the same bits`(level: ganrm_kernel_level) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let (columns, inner, rows, cut) = (48, 80, 18, 16)
        let weights = random(columns * inner, seed: 1)
        let wide = aligned(random(inner * Self.lanes, seed: 2))
        let narrow = aligned(random(columns * Self.lanes, seed: 3))
        let whole = aligned(random(inner * Self.lanes, seed: 4))
        let parts = aligned(random(inner * Self.lanes, seed: 5))
        defer { for memory in [wide, narrow, whole, parts] { memory.deallocate() } }
        func agree(_ count: Int) -> Bool { (0..<count).allSatisfy { whole[$0] == parts[$0] } }

        kernels.head_forward(weights, wide, whole, columns, inner)
        for (start, count) in [(0, cut), (cut, columns - cut)] {
            weights.withUnsafeBufferPointer {
                kernels.head_forward(
                    $0.baseAddress! + start * inner, wide, parts + start * Self.lanes, count, inner)
            }
        }
        #expect(agree(columns * Self.lanes))

        kernels.head_backward(weights, narrow, whole, columns, inner, inner)
        for (start, count) in [(0, cut), (cut, inner - cut)] {
            weights.withUnsafeBufferPointer {
                kernels.head_backward(
                    $0.baseAddress! + start, narrow, parts + start * Self.lanes, columns, count,
                    inner)
            }
        }
        #expect(agree(inner * Self.lanes))

        let d = random(rows * columns, seed: 6)
        let x = random(rows * inner, seed: 7)
        let step = ganrm_adamw_step(
            learning_rate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-4, decay_factor: 0.999,
            bias_correction1: 0.3, bias_correction2_sqrt: 0.4)
        func updated(_ parts: [(Int, Int)]) -> [[Float]] {
            let state = [weights, weights, weights.map(abs)].map(aligned)
            defer { for memory in state { memory.deallocate() } }
            d.withUnsafeBufferPointer { d in
                for (start, count) in parts {
                    let i = start * inner
                    kernels.adamw_update_linear(
                        state[0] + i, state[1] + i, state[2] + i, d.baseAddress! + start, x, rows,
                        count, inner, columns, step)
                }
            }
            return state.map { Array(UnsafeBufferPointer(start: $0, count: columns * inner)) }
        }
        #expect(updated([(0, columns)]) == updated([(0, cut), (cut, columns - cut)]))
    }
}
