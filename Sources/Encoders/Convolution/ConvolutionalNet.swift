internal import CKernels
internal import Files
internal import Foundation
public import Tensors

/// A convolutional net in f32.
///
/// The outputs of an input are bitwise independent of the other inputs and of the number of threads. Calls from several
/// threads are serialized.
public final class ConvolutionalNet: Sendable {
    public let architecture: ConvolutionalArchitecture
    /// SHA-256 of architecture and weights, in hexadecimal.
    public let fingerprint: String

    let graph: LayerGraph
    /// Each layer that is a convolution.
    let convolutions: [Convolution?]
    let kernels: ganrm_kernels

    /// How a convolution is computed.
    enum Convolution: Sendable {
        /// As a product of unfolded windows.
        case unfolded(LinearLayer)
        case winograd(WinogradLayer)
    }

    private let lock = NSLock()
    /// Guarded by `lock`, as the next two.
    private nonisolated(unsafe) let pool: WorkerPool
    private nonisolated(unsafe) var pieces: [AlignedBuffer] = []
    private nonisolated(unsafe) var lastPlan: ConvolutionPlan?

    /// Packs the weights.
    ///
    /// - Parameter threadCount: Number of threads, 1…1024.
    /// - Throws: `EncoderError` for missing or misshapen tensors and values that are not finite, and if there is not
    ///   enough memory.
    public convenience init(
        _ architecture: ConvolutionalArchitecture, weights: WeightFile, threadCount: Int
    ) throws(EncoderError) {
        try self.init(architecture, weights: weights, threadCount: threadCount, kernelLevel: nil)
    }

    /// - Parameter kernelLevel: The raw value of a `ganrm_kernel_level`; nil means the one in use.
    package init(
        _ architecture: ConvolutionalArchitecture, weights file: WeightFile, threadCount: Int,
        kernelLevel: UInt32?
    ) throws(EncoderError) {
        let graph = architecture.graph
        let weights = try ConvolutionWeights(file, graph)
        let size = weights.tensors.values.reduce(0) { $0 + 4 * $1.elementCount }
        guard Memory.isAvailable(size) else { throw .outOfMemory(byteCount: size) }
        fingerprint = try EncoderFingerprint.compute(
            architecture, tensors: weights.tensors, file: file.name)
        let level = kernelLevel.map { ganrm_kernel_level($0) } ?? ganrm_kernel_level_in_use()
        let kernels = ganrm_kernels_at(level).pointee
        convolutions = graph.layers.map { layer in
            guard case .convolution(let window, let parameters, _, _) = layer.operation else {
                return nil
            }
            let outputs = weights.outputs(parameters)
            let channels = graph.channels[layer.input.index]
            return WinogradLayer.isSuited(window, channels: channels)
                ? .winograd(WinogradLayer(outputs, channels: channels, kernels: kernels))
                : .unfolded(LinearLayer([outputs], dtype: GANRM_F32, kernels: kernels))
        }
        pool = WorkerPool(threadCount: min(max(1, threadCount), 1024))
        self.graph = graph
        self.kernels = kernels
        self.architecture = architecture
    }

    /// Memory of the values that are computed at once, in bytes, beyond that of one input.
    private static let batchMemory = 256 << 20

    /// Computes the outputs of inputs of one size.
    ///
    /// - Parameters:
    ///   - inputs: Each with `size.frames` frames of `size.height` × `size.width` pixels.
    ///   - size: Must be that of the architecture if it has one.
    ///   - profile: Receives the time per kind of layer. Nil disables profiling.
    /// - Returns: For each input, the net's outputs, `[frames, height, width, channels]`.
    /// - Throws: `EncoderError.invalidClip` for inputs that are too small, `.outOfMemory`.
    package func outputs(
        of inputs: [PixelClip], size: Extent, profile: EncodingProfile? = nil
    ) throws(EncoderError) -> [[[Float]]] {
        precondition(
            inputs.allSatisfy {
                $0.frameCount == size.frames && $0.pixelCount == size.height * size.width
            })
        guard !inputs.isEmpty else { return [] }
        lock.lock()
        defer { lock.unlock() }
        pool.beginProfiling(profile)
        defer { pool.endProfiling(profile) }
        let plan = try plan(for: size)
        let most = max(1, Self.batchMemory / plan.byteCount)
        let passes = (inputs.count + most - 1) / most
        var outputs: [[[Float]]] = []
        for pass in 0..<passes {
            let part = Array(
                inputs[pass * inputs.count / passes..<(pass + 1) * inputs.count / passes])
            try reserve(plan, count: part.count)
            outputs += ConvolutionPass(self, plan, part, pieces: pieces, pool: pool).outputs()
        }
        return outputs
    }

    private func plan(for size: Extent) throws(EncoderError) -> ConvolutionPlan {
        if let lastPlan, lastPlan.input == size { return lastPlan }
        guard let plan = ConvolutionPlan(graph, input: size) else {
            throw .invalidClip(
                reason:
                    "\(size.width) × \(size.height) pixels are too few for \(architecture.rawValue)"
            )
        }
        lastPlan = plan
        return plan
    }

    private func reserve(_ plan: ConvolutionPlan, count: Int) throws(EncoderError) {
        while pieces.count < plan.pieceSizes.count { pieces.append(AlignedBuffer()) }
        let growing = zip(pieces, plan.pieceSizes).filter { $0.byteCount < 4 * count * $1 }
        let total = growing.reduce(0) { $0 + 4 * count * $1.1 }
        guard Memory.isAvailable(total) else { throw .outOfMemory(byteCount: total) }
        for (piece, size) in growing { piece.reserve(byteCount: 4 * count * size) }
    }
}
