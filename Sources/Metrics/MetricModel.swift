import Encoders
import Files
import Frames
import Media
public import Scoring
import Tokenizers

/// The files of an encoder, instead of those in the cache.
public struct MetricFiles: Sendable, Hashable {
    /// A name of the catalogue or a description, and weights.
    public var encoder: EncoderSource
    /// Path of the merges; nil uses those in the cache.
    public var vocabulary: String?

    public init(encoder: EncoderSource, vocabulary: String? = nil) {
        self.encoder = encoder
        self.vocabulary = vocabulary
    }
}

/// The images' side of one or more metrics: an encoder, and its projection if they need it.
///
/// The encoder is loaded by `label`, else for the first input.
final class MetricModel {
    let encoders: EncoderSet
    /// Sampling of inputs: single frames for an image encoder, a clip for a video encoder.
    let sampling: Sampling
    /// exp(logit_scale); 1 if no metric needs it.
    let logitScale: Double

    private let projection: EmbeddingProjection?
    /// What reads an image's tokens together with its prompt; nil if features do not depend on the prompt.
    let groundedText: GroundedTextReader?

    /// - Parameters:
    ///   - metrics: Metrics that share the encoder and its preprocessing.
    ///   - frameCount: Frames of a video for an image encoder.
    init(_ metrics: [Metric], from files: MetricFiles?, loading: ModelLoader, frameCount: Int)
        throws
    {
        let preprocessing = metrics[0].preprocessing
        let source = files?.encoder ?? EncoderSource(name: metrics[0].requiredEncoder)
        var clipLength = 1
        let isGrounded = metrics.contains(where: \.isGrounded)
        groundedText =
            isGrounded
            ? try GroundedTextReader(source, vocabulary: files?.vocabulary, loading: loading) : nil
        if !metrics.contains(where: \.isProjected) {
            projection = nil
            logitScale = 1
        } else {
            let (projection, frameCount) = try loading.projection(of: source)
            let learned = metrics.first { $0.similarity?.scale == .learned }
            if projection.logitScale == nil, let learned {
                throw MetricError.noLogitScale(metric: learned.name, encoder: source.name)
            }
            self.projection = projection
            logitScale = projection.logitScale ?? 1
            clipLength = frameCount
        }
        sampling =
            if clipLength > 1 {
                .uniform(UniformSampling(frameCount: clipLength))
            } else if metrics[0].takesAllFrames {
                .allFrames
            } else {
                .uniform(UniformSampling(frameCount: frameCount, separatesFrames: true))
            }
        encoders = EncoderSet(precision: loading.precision.precision) {
            try loading.encoder(source, preprocessing: preprocessing, keepsTokens: isGrounded)
        }
    }

    /// Values of what a head is applied to.
    ///
    /// - Precondition: A metric has a head.
    var featureWidth: Int {
        guard let width = groundedText?.encoder.configuration.width ?? projection?.embeddingWidth
        else { preconditionFailure("the embeddings are not projected") }
        return width
    }

    /// Name and fingerprint of the encoder.
    func label() throws -> String { try encoders.identity(for: .video).label }

    /// What metrics compute the values of clips from: projected embeddings of length 1, a net's outputs as they are, or
    /// what the grounded text encoder makes of the tokens and the prompt.
    ///
    /// - Parameters:
    ///   - clips: Embeddings by the encoder; of a transformer the CLS token, then the mean over all tokens.
    ///   - prompt: The prompt for the grounded text encoder; without one, an input has no features.
    func features(of clips: [[Float]], prompt: TokenizedText?) throws(EncoderError) -> [[Float]] {
        if let groundedText {
            return try prompt.map { (prompt) throws(EncoderError) in
                try groundedText.encoder.outputs(of: prompt.ids, for: clips)
            } ?? []
        }
        guard let projection else { return clips }
        return projection.embeddings(of: clips.map { Array($0.prefix(projection.inputWidth)) })
            .map(unit)
    }
}

extension Sampling {
    /// All frames, each a clip of its own, in constant memory.
    static let allFrames = Sampling.window(WindowSampling(frameCount: 1))
}

/// A vector divided by its length.
func unit(_ vector: [Float]) -> [Float] {
    let length = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    return vector.map { Float(Double($0) / length) }
}

/// The cosine of two vectors of length 1.
func cosine(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}
