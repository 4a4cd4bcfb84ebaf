import Encoders
import Files
import Frames
import Media
public import Scoring

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

/// The images' side of one or more metrics: an encoder and its projection.
///
/// The encoder is loaded by `label`, else for the first input.
final class MetricModel {
    let encoders: EncoderSet
    /// Sampling of inputs: single frames for an image encoder, a clip for a video encoder.
    let sampling: Sampling
    /// exp(logit_scale); 1 if no metric needs it.
    let logitScale: Double

    private let projection: EmbeddingProjection

    /// - Parameters:
    ///   - metrics: Metrics that share the encoder and its preprocessing.
    ///   - frameCount: Frames of a video for an image encoder.
    init(_ metrics: [Metric], from files: MetricFiles?, loading: ModelLoader, frameCount: Int)
        throws
    {
        let preprocessing = metrics[0].preprocessing
        let source = files?.encoder ?? EncoderSource(name: metrics[0].encoder)
        let (projection, clipLength) = try loading.projection(of: source)
        if projection.logitScale == nil, let metric = metrics.first(where: { $0.scale == .learned })
        {
            throw MetricError.noLogitScale(metric: metric.name, encoder: source.name)
        }
        self.projection = projection
        logitScale = projection.logitScale ?? 1
        sampling = .uniform(
            clipLength > 1
                ? UniformSampling(frameCount: clipLength)
                : UniformSampling(frameCount: frameCount, separatesFrames: true))
        encoders = EncoderSet(precision: loading.precision.precision) {
            try loading.encoder(source, preprocessing: preprocessing)
        }
    }

    /// Name and fingerprint of the encoder.
    func label() throws -> String { try encoders.identity(for: .video).label }

    /// The embeddings of clips, of length 1.
    ///
    /// - Parameter clips: Embeddings by the encoder: the CLS token, then the mean over all tokens.
    func unitEmbeddings(of clips: [[Float]]) -> [[Float]] {
        projection.embeddings(of: clips.map { Array($0.prefix(projection.inputWidth)) }).map(unit)
    }
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
