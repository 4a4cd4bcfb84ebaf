import Encoders
import Testing

/// Small models with committed weights, one per architecture.
struct ReferenceModel: Sendable, CustomTestStringConvertible {
    let name: String
    let configuration: VisionTransformerConfiguration
    /// Kinds of clips with golden values.
    let kinds: [String]

    var testDescription: String { name }

    /// 5 × 5 patches.
    static let clip = ReferenceModel(
        name: "tiny-clip",
        configuration: VisionTransformerConfiguration(
            imageSize: 35, patchSize: 7, width: 64, layers: 3, heads: 2),
        kinds: ["image"])

    /// Position embeddings of 7 × 7 patches, interpolated to 5 × 5; head width 16.
    static let dinov2 = ReferenceModel(
        name: "tiny-dinov2",
        configuration: VisionTransformerConfiguration(
            imageSize: 30, patchSize: 6, width: 48, layers: 3, heads: 3, activation: .gelu,
            layerNormEpsilon: 1e-6, normalisesInput: false, normalisesOutput: true,
            hasPatchBias: true, hasLayerScale: true, positionGrid: 7),
        kinds: ["image"])

    /// 8 frames of 3 × 3 patches.
    static let viclip = ReferenceModel(
        name: "tiny-viclip",
        configuration: VisionTransformerConfiguration(
            imageSize: 24, patchSize: 8, width: 64, layers: 3, heads: 2, frameCount: 8),
        kinds: ["video", "image"])

    static let all = [clip, dinov2, viclip]

    func golden() throws -> EmbeddingGolden { try EmbeddingGolden(name) }

    func transformer(
        precision: Precision = .f32, taps: [Int]? = nil, threadCount: Int = 1
    ) throws -> VisionTransformer {
        try VisionTransformer(
            configuration: configuration, weights: golden().weights, precision: precision,
            taps: taps, threadCount: threadCount)
    }
}
