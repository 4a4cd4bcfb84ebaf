internal import CKernels
internal import Files
internal import Foundation
public import Tensors

/// A vision transformer: CLIP, ViCLIP or DINOv2, by configuration.
///
///     pixels ─ patch embedding (+ positions) ─ [norm] ─ block × layers ─ [norm] ─ tokens
///     block: x + attention(norm(x)), then x + mlp(norm(x))
///
/// A clip's embedding is bitwise independent of the other clips of a batch and of the number of
/// threads. Calls from several threads are serialized.
///
/// Sources: `openai/CLIP` `clip/model.py`; `OpenGVLab/InternVideo`
/// `Data/InternVid/viclip/viclip_vision.py`; Hugging Face `modeling_clip.py`, `modeling_dinov2.py`.
public final class VisionTransformer: Sendable {
    public let configuration: VisionTransformerConfiguration
    public let precision: Precision
    /// The blocks whose output is embedded, counted from 1, ascending.
    public let taps: [Int]
    /// The block whose patch tokens are kept for motion features, counted from 1; nil keeps none.
    let motionBlock: Int?

    let trunk: Trunk
    let patches: LinearLayer
    let inputNorm: LayerNorm?
    let outputNorm: LayerNorm?
    /// Plans by frame count: `frameCount` and 1.
    let plans: [Int: ForwardPlan]

    private let lock = NSLock()
    /// Guarded by `lock`.
    private nonisolated(unsafe) let workspace: Workspace

    /// Packs the weights.
    ///
    /// - Parameters:
    ///   - taps: Block numbers from 1, ascending; nil means the last block. The last block's
    ///     tokens are Hugging Face's `last_hidden_state` (after the output norm, if there
    ///     is one), lower ones are `hidden_states[tap]`, without a norm. Blocks above
    ///     the highest tap are not computed.
    ///   - motionBlock: The block whose patch tokens are kept for each frame, without a norm; at
    ///     most the highest tap. Nil keeps none.
    ///   - threadCount: Number of threads, 1…1024.
    /// - Throws: `EncoderError` for an impossible configuration, taps or motion block, for
    ///   missing, unused or misshapen tensors, and if there is not enough memory.
    public convenience init(
        configuration: VisionTransformerConfiguration, weights: WeightFile, precision: Precision,
        taps: [Int]? = nil, motionBlock: Int? = nil, threadCount: Int
    ) throws(EncoderError) {
        try self.init(
            configuration: configuration, weights: weights, precision: precision, taps: taps,
            motionBlock: motionBlock, threadCount: threadCount, kernelLevel: nil)
    }

    /// Packs the weights for a CPU level that the processor has.
    ///
    /// - Parameter kernelLevel: The raw value of a `ganrm_kernel_level`; nil means the one in use.
    package init(
        configuration: VisionTransformerConfiguration, weights: WeightFile, precision: Precision,
        taps: [Int]?, motionBlock: Int?, threadCount: Int, kernelLevel: UInt32?
    ) throws(EncoderError) {
        try configuration.validate()
        let taps = taps ?? [configuration.layers]
        guard let highest = taps.last, taps[0] >= 1, highest <= configuration.layers,
            zip(taps, taps.dropFirst()).allSatisfy({ $0 < $1 })
        else { throw .invalidTaps(taps: taps, layers: configuration.layers) }
        if let motionBlock, !(1...highest).contains(motionBlock) {
            throw .invalidMotionBlock(block: motionBlock, highestTap: highest)
        }
        let weights = try TransformerWeights(weights, vision: configuration)
        let level = kernelLevel.map { ganrm_kernel_level($0) } ?? ganrm_kernel_level_in_use()
        let kernels = ganrm_kernels_at(level).pointee
        let arithmetic = precision.arithmetic(of: kernels)
        let dtype = arithmetic.linearDType
        let size = weights.packedByteCount(dtype.byteCount)
        guard Memory.isAvailable(size) else { throw .outOfMemory(byteCount: size) }
        let workers = min(max(1, threadCount), 1024)

        let workspace = Workspace(threadCount: workers)
        let noBias = [Float](repeating: 0, count: configuration.width)
        patches = LinearLayer(
            [LayerOutputs(weights: weights["patches.weight"], bias: noBias)],
            dtype: dtype, kernels: kernels)
        trunk = Trunk(
            configuration.blockShape, blocks: highest, weights: weights,
            poolsHidden: (highest < configuration.layers || !configuration.normalisesOutput)
                && highest != motionBlock,
            arithmetic: arithmetic, kernels: kernels, pool: workspace.pool)
        var plans: [Int: ForwardPlan] = [:]
        for frames in Set([1, configuration.frameCount]) {
            plans[frames] = try ForwardPlan(configuration, weights: weights, frames: frames)
        }
        self.plans = plans
        let epsilon = configuration.layerNormEpsilon
        inputNorm =
            configuration.normalisesInput
            ? LayerNorm("input_norm", weights: weights, epsilon: epsilon) : nil
        outputNorm =
            configuration.normalisesOutput
            ? LayerNorm("output_norm", weights: weights, epsilon: epsilon) : nil
        self.workspace = workspace
        self.configuration = configuration
        self.precision = precision
        self.taps = taps
        self.motionBlock = motionBlock
    }

    /// Embeds clips; a batch uses the processor better than single clips.
    ///
    /// - Parameters:
    ///   - clips: Clips of 1 or `configuration.frameCount` frames of `imageSize`² pixels.
    ///   - profile: Receives the time per kind of layer. Nil disables profiling.
    /// - Returns: One embedding per clip, in order.
    /// - Throws: `EncoderError.invalidClip`, `.outOfMemory`.
    public func embed(
        _ clips: [PixelClip], profile: EncodingProfile? = nil
    ) throws(EncoderError) -> [Embedding] {
        try embed(clips, untilMotionBlock: false, profile: profile)
    }

    /// - Parameter untilMotionBlock: Whether to stop after the motion block; embeddings then
    ///   contain only its patch tokens.
    func embed(
        _ clips: [PixelClip], untilMotionBlock: Bool, profile: EncodingProfile?
    ) throws(EncoderError) -> [Embedding] {
        let side = configuration.imageSize
        for clip in clips {
            guard plans[clip.frameCount] != nil else {
                throw .invalidClip(
                    reason: """
                        the encoder takes clips of \(configuration.frameCount) frames, \
                        not \(clip.frameCount)
                        """)
            }
            guard clip.hasFrames(ofSide: side) else {
                throw .invalidClip(
                    reason: "the encoder takes frames of \(side) × \(side) pixels")
            }
        }
        lock.lock()
        defer { lock.unlock() }
        workspace.pool.beginProfiling(profile)
        defer { workspace.pool.endProfiling(profile) }
        var embeddings = [Embedding?](repeating: nil, count: clips.count)
        for (frames, plan) in plans {
            let indices = clips.indices.filter { clips[$0].frameCount == frames }
            let most = max(2, (workspace.tokensAtOnce + plan.tokens - 1) / plan.tokens)
            let passes = (indices.count + most - 1) / most
            for pass in 0..<passes {
                let chunk = indices[
                    pass * indices.count / passes..<(pass + 1) * indices.count / passes]
                let made = try ForwardPass(
                    self, plan, workspace, clips: chunk.map { clips[$0] },
                    untilMotionBlock: untilMotionBlock
                ).embeddings()
                for (index, embedding) in zip(chunk, made) { embeddings[index] = embedding }
            }
        }
        return embeddings.filled()
    }
}
