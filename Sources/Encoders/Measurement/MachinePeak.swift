internal import CKernels
internal import Tensors

/// Measures this machine's peak speed of matrix products, the reference for an encoder's speed.
///
/// The product is 192×3072 by 3072×768, a tile of the second MLP layer of width 768, on every
/// worker at once, each with its own rows. On Zen 4 that reaches 95 % of the multiplier's
/// theoretical throughput.
public final class MachinePeak {
    private static let (rows, inner, columns) = (192, 3072, 768)
    private static let productsPerTask = 4

    private let layer: LinearLayer
    private let pool: WorkerPool
    private let sources: [AlignedBuffer]
    private let destinations: [AlignedBuffer]
    private let quantization: AlignedBuffer
    private let kernels: ganrm_kernels

    /// - Parameter threadCount: Number of threads, at least 1.
    public init(precision: Precision, threadCount: Int) {
        let (rows, inner, columns) = (Self.rows, Self.inner, Self.columns)
        kernels = ganrm_kernels_in_use().pointee
        let dtype = precision.arithmetic(of: kernels).linearDType
        pool = WorkerPool(threadCount: threadCount)
        let weights = StoredTensor(
            Array(repeating: 0.5, count: columns * inner), shape: [columns, inner])
        let bias = [Float](repeating: 0, count: columns)
        layer = LinearLayer(
            [LayerOutputs(weights: weights, bias: bias)], dtype: dtype, kernels: kernels)
        sources = (0..<threadCount).map { _ in AlignedBuffer(zeros: rows * dtype.rowBytes(inner)) }
        destinations = (0..<threadCount).map { _ in AlignedBuffer(zeros: 4 * rows * columns) }
        quantization = AlignedBuffer(zeros: rows * MemoryLayout<ganrm_quantization>.stride)
    }

    /// Multiplies for about `seconds`, after a short warm-up.
    ///
    /// - Returns: Operations per second; a multiply-add counts as two.
    public func measure(seconds: Double) -> Double {
        let clock = ContinuousClock()
        let operations = 2.0 * Double(Self.rows * Self.inner * Self.columns)
        func rate(tasks: Int) -> Double {
            let start = clock.now
            pool.forEach(tasks) { worker, _ in
                let input = LayerInput(
                    base: sources[worker.index].base, count: Self.rows,
                    stride: layer.dtype.rowBytes(Self.inner),
                    quantization: quantization.pointer(to: ganrm_quantization.self))
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
