internal import CKernels
internal import Foundation
public import Tensors

/// A vision transformer: CLIP, ViCLIP or DINOv2, by configuration.
///
///     pixels ─ patch embedding (+ positions) ─ [norm] ─ block × layers ─ [norm] ─ tokens
///     block: x + attention(norm(x)), then x + perceptron(norm(x))
///
/// A clip's bits depend on its pixels alone: not on the other clips of a batch, nor on the number
/// of threads. Calls from several threads take turns.
///
/// Sources: `openai/CLIP` `clip/model.py`; `OpenGVLab/InternVideo`
/// `Data/InternVid/viclip/viclip_vision.py`; Hugging Face `modeling_clip.py`, `modeling_dinov2.py`.
public final class VisionTransformer: Sendable {
    public let configuration: VisionTransformerConfiguration
    public let precision: Precision
    /// The blocks after which tokens are taken, 1 the first, ascending.
    public let taps: [Int]
    /// The block whose patch tokens are kept; nil: none's are.
    let followedBlock: Int?

    let blocks: [Block]
    /// Whether the embedding is CLS and mean of what the last block adds up to, without a norm, and nobody wants its
    /// other tokens. Its second matrix is linear, so it is applied to CLS and mean of the perceptron's inner numbers rather
    /// than to every token's.
    let poolsInnerNumbers: Bool
    let patches: LinearLayer
    let inputNorm: Norm?
    let outputNorm: Norm?
    let kernels: ganrm_kernels
    /// One for each frame count: `frameCount` and 1.
    let plans: [Int: ClipPlan]

    /// What queries, keys, values and the perceptron's inner numbers are kept in.
    var attentionNumber: ganrm_number { precision.other }

    /// From one token's queries, keys and values to the next one's, in numbers. Where the last block's inner numbers
    /// are pooled, a token's have room there too: its tile writes them while other clips still need theirs.
    var projectionStride: Int {
        let (width, hidden) = (configuration.width, configuration.hiddenWidth)
        return attentionNumber.step(max(3 * width, poolsInnerNumbers ? hidden : 0))
    }

    private let lock = NSLock()
    /// Only touched under `lock`.
    private nonisolated(unsafe) let workspace: Workspace

    /// Packs the weights.
    ///
    /// - Parameters:
    ///   - taps: Block numbers, 1 the first, ascending; nil for the last alone. The last block's
    ///     tokens are what Hugging Face calls `last_hidden_state` (after the output norm, if there
    ///     is one), lower ones are `hidden_states[tap]`: the block's output as it is. Blocks above
    ///     the highest tap are not computed.
    ///   - followedBlock: Whose patch tokens are kept frame by frame, as the block leaves them; at most the highest
    ///     tap.
    ///   - threadCount: Threads that compute at once, 1…1024.
    public init(
        configuration: VisionTransformerConfiguration, weights: WeightFile, precision: Precision,
        taps: [Int]? = nil, followedBlock: Int? = nil, threadCount: Int
    ) throws(EncoderError) {
        try configuration.validate()
        let taps = taps ?? [configuration.layers]
        guard let highest = taps.last, taps[0] >= 1, highest <= configuration.layers,
            zip(taps, taps.dropFirst()).allSatisfy({ $0 < $1 })
        else { throw .impossibleTaps(taps: taps, layers: configuration.layers) }
        if let followedBlock, !(1...highest).contains(followedBlock) {
            throw .impossibleMotion(block: followedBlock, highestTap: highest)
        }
        let weights = try VisionWeights(weights, configuration: configuration)
        let workers = min(max(1, threadCount), 1024)

        let workspace = Workspace(threadCount: workers)
        let noBias = [Float](repeating: 0, count: configuration.width)
        patches = LinearLayer(
            [LayerOutputs(weights: weights["patches.weight"], bias: noBias)],
            number: precision.linear)
        poolsInnerNumbers =
            (highest < configuration.layers || !configuration.normalisesOutput)
            && highest != followedBlock
        blocks = Block.pack(
            count: highest, configuration: configuration, weights: weights,
            number: precision.linear, pooled: poolsInnerNumbers, pool: workspace.pool)
        var plans: [Int: ClipPlan] = [:]
        for frames in Set([1, configuration.frameCount]) {
            plans[frames] = try ClipPlan(configuration, weights: weights, frames: frames)
        }
        self.plans = plans
        let epsilon = configuration.layerNormEpsilon
        inputNorm =
            configuration.normalisesInput
            ? Norm("input_norm", weights: weights, epsilon: epsilon) : nil
        outputNorm =
            configuration.normalisesOutput
            ? Norm("output_norm", weights: weights, epsilon: epsilon) : nil
        self.workspace = workspace
        kernels = ganrm_kernels_best().pointee
        self.configuration = configuration
        self.precision = precision
        self.taps = taps
        self.followedBlock = followedBlock
    }

    /// Embeds clips; several at once use the machine better than one after the other.
    ///
    /// - Parameters:
    ///   - clips: Each of 1 or `configuration.frameCount` frames of `imageSize`².
    ///   - profile: What the time is added to; nil: nobody measures.
    /// - Returns: One embedding per clip, in order.
    public func embed(
        _ clips: [PixelClip], profile: EncodingProfile? = nil
    ) throws(EncoderError) -> [Embedding] {
        try embed(clips, untilFollowed: false, profile: profile)
    }

    /// - Parameter untilFollowed: Whether clips go no farther than the block that is followed; embeddings have
    ///   nothing but its patch tokens then.
    func embed(
        _ clips: [PixelClip], untilFollowed: Bool, profile: EncodingProfile?
    ) throws(EncoderError) -> [Embedding] {
        let side = configuration.imageSize
        for clip in clips {
            guard plans[clip.frameCount] != nil else {
                throw .unsuitableClip(
                    reason: """
                        the encoder takes clips of \(configuration.frameCount) frames, \
                        not \(clip.frameCount)
                        """)
            }
            guard clip.hasFrames(ofSide: side) else {
                throw .unsuitableClip(
                    reason: "the encoder takes frames of \(side) × \(side) pixels")
            }
        }
        lock.lock()
        defer { lock.unlock() }
        if profile != nil { for worker in workspace.pool.workers { worker.timer = LapTimer() } }
        defer {
            for worker in workspace.pool.workers {
                worker.lap(.waiting)
                if let timer = worker.timer { profile?.add(timer) }
                worker.timer = nil
            }
        }
        var embeddings = [Embedding?](repeating: nil, count: clips.count)
        for (frames, plan) in plans {
            let indices = clips.indices.filter { clips[$0].frameCount == frames }
            let most = workspace.clipsAtOnce(tokensPerClip: plan.tokens)
            let passes = (indices.count + most - 1) / most
            for pass in 0..<passes {
                let chunk = indices[
                    pass * indices.count / passes..<(pass + 1) * indices.count / passes]
                let made = ForwardPass(
                    self, plan, workspace, clips: chunk.map { clips[$0] },
                    untilFollowed: untilFollowed
                ).embeddings()
                for (index, embedding) in zip(chunk, made) { embeddings[index] = embedding }
            }
        }
        return embeddings.compactMap { $0 }
    }
}
