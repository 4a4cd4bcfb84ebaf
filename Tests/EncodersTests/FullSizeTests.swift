import CKernels
import Encoders
import Foundation
import Testing
import TestSupport

/// Models of real size with random weights, compared with the references; a minute on 2 cores.
///
/// Weights and pixels are generated here and in `fixtures/encoders/embeddings.py` by the same
/// generator; only the embeddings of the reference are committed.
@Suite(.serialized) struct FullSizeTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let configuration: VisionTransformerConfiguration
        var testDescription: String { name }
    }

    static let rows = [
        Row(
            name: "clip-vit-base-patch32",
            configuration: .init(patchSize: 32, width: 768, layers: 12, heads: 12)),
        Row(
            name: "dinov2-small-patch14",
            configuration: .init(
                patchSize: 14, width: 384, layers: 12, heads: 6, activation: .gelu,
                layerNormEpsilon: 1e-6, normalisesInput: false, normalisesOutput: true,
                hasPatchBias: true, hasLayerScale: true, positionGrid: 37)),
        Row(
            name: "viclip-base-patch16",
            configuration: .init(
                patchSize: 16, width: 768, layers: 12, heads: 12, frameCount: 8)),
        Row(
            name: "viclip-large-patch14",
            configuration: .init(
                patchSize: 14, width: 1024, layers: 24, heads: 16, frameCount: 8)),
    ]

    @Test(arguments: rows)
    func `models of real size match the reference`(row: Row) throws {
        let model = RandomModel(row.configuration, label: row.name)
        let frames = row.configuration.frameCount
        let expected = try EmbeddingGolden("full").embeddings(row.name)
        let perClip = frames * 3 * 224 * 224
        let pixels = SplitMix.numbers(
            "\(row.name)/pixels", count: expected.count * perClip, scale: 1)
        let clips = expected.indices.map { clip in
            PixelClip(
                frameCount: frames,
                elements: Array(pixels[clip * perClip..<(clip + 1) * perClip]))
        }
        let layers = row.configuration.layers
        let taps = [layers / 2, layers - 1, layers]
        for precision in Precision.allCases {
            let transformer = try model.transformer(
                precision: precision, taps: taps,
                threadCount: ProcessInfo.processInfo.activeProcessorCount)
            for (embedding, expected) in try zip(transformer.embed(clips), expected) {
                let error = relativeError(embedding.vector, expected)
                switch precision {
                case .f32: #expect(error < 1e-4)
                case .bf16:
                    #expect(error < 2e-2)
                    #expect(cosine(embedding.vector, expected) > 0.9995)
                case .int8:
                    #expect(error < 4e-2)
                    #expect(cosine(embedding.vector, expected) > 0.999)
                }
                print("\(row.name) \(precision.rawValue): relative error \(error)")
            }
        }
    }
}
