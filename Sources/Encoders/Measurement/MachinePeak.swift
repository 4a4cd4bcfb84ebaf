internal import CKernels
internal import Tensors

/// How fast this machine multiplies matrices: what an encoder's speed is held against.
///
/// The kernels' product of 192×3072 by 3072×768 numbers, a tile's second layer of a perceptron of width 768, on
/// every worker at once, each with rows of its own. On Zen 4 that is 95 % of what the multiplier can do.
public final class MachinePeak {
    private static let (rows, inner, columns) = (192, 3072, 768)
    private static let productsPerTask = 4

    private let layer: LinearLayer
    private let pool: WorkerPool
    private let sources: [AlignedBuffer]
    private let destinations: [AlignedBuffer]
    private let scales: AlignedBuffer
    private let kernels = ganrm_kernels_best().pointee

    /// - Parameter threadCount: At least 1.
    public init(precision: Precision, threadCount: Int) {
        let (rows, inner, columns) = (Self.rows, Self.inner, Self.columns)
        let number = precision.linear
        pool = WorkerPool(threadCount: threadCount)
        let weights = StoredTensor(
            Array(repeating: 0.5, count: columns * inner), shape: [columns, inner])
        let bias = [Float](repeating: 0, count: columns)
        layer = LinearLayer([LayerOutputs(weights: weights, bias: bias)], number: number)
        sources = (0..<threadCount).map { _ in AlignedBuffer(zeros: rows * number.stride(inner)) }
        destinations = (0..<threadCount).map { _ in AlignedBuffer(zeros: 4 * rows * columns) }
        scales = AlignedBuffer(zeros: rows * MemoryLayout<ganrm_byte_scale>.stride)
    }

    /// Multiplies for about `seconds`, after a few products to warm up.
    ///
    /// - Returns: Operations per second, a multiply-add being two.
    public func measure(seconds: Double) -> Double {
        let clock = ContinuousClock()
        let operations = 2.0 * Double(Self.rows * Self.inner * Self.columns)
        func rate(tasks: Int) -> Double {
            let start = clock.now
            pool.forEach(tasks) { worker, _ in
                let input = LayerInput(
                    base: sources[worker.index].base, count: Self.rows,
                    stride: layer.number.stride(Self.inner),
                    scales: scales.pointer(to: ganrm_byte_scale.self))
                for _ in 0..<Self.productsPerTask {
                    layer(
                        input, into: destinations[worker.index].base, GANRM_STORE_F32,
                        kernels: kernels)
                }
            }
            let elapsed = (clock.now - start) / .seconds(1)
            return operations * Double(tasks * Self.productsPerTask) / elapsed
        }
        let warm = rate(tasks: pool.workers.count)
        let tasks = warm * seconds / operations / Double(Self.productsPerTask)
        return rate(tasks: max(pool.workers.count, Int(tasks)))
    }
}
