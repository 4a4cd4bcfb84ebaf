internal import CKernels
internal import Files
internal import Foundation
package import Frames
public import Tensors

/// A vision transformer: CLIP, ViCLIP, DINO or DINOv2, by configuration.
///
///     pixels ─ patch embedding (+ positions) ─ [norm] ─ block × layers ─ [norm] ─ tokens
///     block: x + attention(norm(x)), then x + mlp(norm(x))
///
/// A clip's embedding is bitwise independent of the other clips of a batch and of the number of
/// threads. Calls from several threads are serialized.
///
/// Sources: `openai/CLIP` `clip/model.py`; `OpenGVLab/InternVideo`
/// `Data/InternVid/viclip/viclip_vision.py`; `facebookresearch/dino` `vision_transformer.py`;
/// Hugging Face `modeling_clip.py`, `modeling_dinov2.py`.
public final class VisionTransformer: Sendable {
    public let configuration: VisionTransformerConfiguration
    public let precision: Precision
    /// The blocks whose output is embedded, counted from 1, ascending.
    public let taps: [Int]
    /// The block whose patch tokens are kept for motion features, counted from 1; nil keeps none.
    let motionBlock: Int?
    /// Whether an embedding is all tokens after the output norm, rather than CLS and mean.
    let keepsTokens: Bool

    let trunk: Trunk
    let patches: LinearLayer
    let inputNorm: LayerNorm?
    let outputNorm: LayerNorm?
    /// Plans by frame count: `frameCount` and 1.
    let plans: [Int: ForwardPlan]

    private let parameters: TokenParameters
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
    ///   - keepsTokens: Whether an embedding is all tokens after the output norm, `[tokens, width]`,
    ///     rather than CLS and mean; only for a transformer with that norm, without taps or motion block.
    ///   - threadCount: Number of threads, 1…1024.
    /// - Throws: `EncoderError` for an impossible configuration, taps or motion block, for
    ///   missing, unused or misshapen tensors, and if there is not enough memory.
    public convenience init(
        configuration: VisionTransformerConfiguration, weights: WeightFile, precision: Precision,
        taps: [Int]? = nil, motionBlock: Int? = nil, keepsTokens: Bool = false, threadCount: Int
    ) throws(EncoderError) {
        try self.init(
            configuration: configuration, weights: weights, precision: precision, taps: taps,
            motionBlock: motionBlock, keepsTokens: keepsTokens, threadCount: threadCount,
            kernelLevel: nil)
    }

    /// Packs the weights for a CPU level that the processor has.
    ///
    /// - Parameter kernelLevel: The raw value of a `ganrm_kernel_level`; nil means the one in use.
    package init(
        configuration: VisionTransformerConfiguration, weights: WeightFile, precision: Precision,
        taps: [Int]?, motionBlock: Int?, keepsTokens: Bool = false, threadCount: Int,
        kernelLevel: UInt32?
    ) throws(EncoderError) {
        try configuration.validate()
        if keepsTokens {
            guard configuration.normalisesOutput, taps == nil, motionBlock == nil else {
                throw .invalidConfiguration(
                    reason: "all tokens are kept after the output norm only, without taps or motion"
                )
            }
        }
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
        let parameters = TokenParameters(configuration, weights: weights)
        var plans: [Int: ForwardPlan] = [:]
        for frames in Set([1, configuration.frameCount]) {
            plans[frames] = try ForwardPlan(
                configuration, parameters, frames: frames, grid: configuration.patchGrid)
        }
        self.plans = plans
        self.parameters = parameters
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
        self.keepsTokens = keepsTokens
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
        let size = configuration.patchGrid.size
        for clip in clips {
            guard plans[clip.frameCount] != nil else {
                throw .invalidClip(
                    reason: """
                        the encoder takes clips of \(configuration.frameCount) frames, \
                        not \(clip.frameCount)
                        """)
            }
            guard clip.hasFrames(of: size) else {
                throw .invalidClip(
                    reason: "the encoder takes frames of \(size.width) × \(size.height) pixels")
            }
        }
        lock.lock()
        defer { lock.unlock() }
        workspace.pool.beginProfiling(profile)
        defer { workspace.pool.endProfiling(profile) }
        var embeddings = [Embedding?](repeating: nil, count: clips.count)
        for (frames, plan) in plans {
            let indices = clips.indices.filter { clips[$0].frameCount == frames }
            let made = try self.embeddings(
                of: indices.map { clips[$0] }, plan, untilMotionBlock: untilMotionBlock)
            for (index, embedding) in zip(indices, made) { embeddings[index] = embedding }
        }
        return embeddings.filled()
    }

    /// The embeddings of clips of one plan, in passes of about as many clips.
    ///
    /// - Precondition: `lock` is held.
    private func embeddings(
        of clips: [PixelClip], _ plan: ForwardPlan, untilMotionBlock: Bool
    ) throws(EncoderError) -> [Embedding] {
        let most = max(2, (workspace.tokensAtOnce + plan.tokens - 1) / plan.tokens)
        let passes = (clips.count + most - 1) / most
        var embeddings: [Embedding] = []
        for pass in 0..<passes {
            let chunk = clips[pass * clips.count / passes..<(pass + 1) * clips.count / passes]
            embeddings += try ForwardPass(
                self, plan, workspace, clips: Array(chunk), untilMotionBlock: untilMotionBlock
            ).embeddings()
        }
        return embeddings
    }

    /// Most patches of a frame of any size: time and memory grow with their square.
    private static let patchLimit = 4096

    /// Embeds frames of any size, as DINO does: positions are interpolated for the patches of such a frame.
    ///
    /// Source: facebookresearch/dino, `vision_transformer.py`, `interpolate_pos_encoding`.
    ///
    /// - Parameters:
    ///   - frames: Clips of one frame of this size.
    ///   - size: At least a patch, at most 4096 patches.
    /// - Throws: `EncoderError.invalidClip`, `.outOfMemory`.
    package func embed(
        _ frames: [PixelClip], of size: Resampling.Size
    ) throws(EncoderError) -> [Embedding] {
        let grid = PatchGrid(of: size, patchSize: configuration.patchSize)
        guard (1...Self.patchLimit).contains(grid.count) else {
            throw .invalidClip(
                reason: """
                    a frame of \(size.width) × \(size.height) pixels has \(grid.count) patches, and the encoder \
                    takes 1 to \(Self.patchLimit)
                    """)
        }
        guard frames.allSatisfy({ $0.frameCount == 1 && $0.hasFrames(of: size) }) else {
            throw .invalidClip(
                reason: "the frames are not of \(size.width) × \(size.height) pixels")
        }
        // The reference leaves the positions of a square frame of the usual size as they are.
        let isUsual = size.width == size.height && grid.rows == configuration.positionGrid
        let plan = try ForwardPlan(
            configuration, parameters, frames: 1, grid: grid, slack: isUsual ? 0 : 0.1)
        lock.lock()
        defer { lock.unlock() }
        return try embeddings(of: frames, plan, untilMotionBlock: false)
    }
}
