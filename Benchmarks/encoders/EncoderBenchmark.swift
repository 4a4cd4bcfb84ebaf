import Encoders
import Foundation
import Tensors

/// Times one encoder on made-up pixels: `EncoderBenchmark NAME WEIGHTS CLIPS THREADS PRECISION RUNS`.
///
/// Prints one line of seconds per run, after one run to warm up; `compare.py` reads it.
@main struct EncoderBenchmark {
    static let configurations: [String: VisionTransformerConfiguration] = [
        "clip-vit-base-patch32": .init(patchSize: 32, width: 768, layers: 12, heads: 12),
        "clip-vit-large-patch14": .init(patchSize: 14, width: 1024, layers: 24, heads: 16),
        "dinov2-small-patch14": .init(
            patchSize: 14, width: 384, layers: 12, heads: 6, activation: .gelu,
            layerNormEpsilon: 1e-6, normalisesInput: false, normalisesOutput: true,
            hasPatchBias: true, hasLayerScale: true, positionGrid: 37),
        "viclip-base-patch16": .init(
            patchSize: 16, width: 768, layers: 12, heads: 12, frameCount: 8),
        "viclip-large-patch14": .init(
            patchSize: 14, width: 1024, layers: 24, heads: 16, frameCount: 8),
    ]

    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 7, let configuration = configurations[arguments[1]],
            let clipCount = Int(arguments[3]), let threadCount = Int(arguments[4]),
            let precision = Precision(rawValue: arguments[5]), let runs = Int(arguments[6])
        else {
            print("usage: EncoderBenchmark NAME WEIGHTS CLIPS THREADS f32|bf16 RUNS")
            print("names: \(configurations.keys.sorted().joined(separator: ", "))")
            exit(2)
        }
        let transformer = try VisionTransformer(
            configuration: configuration, weights: WeightFile.open(arguments[2]),
            precision: precision, threadCount: threadCount)
        let side = configuration.imageSize
        let count = configuration.frameCount * 3 * side * side
        let clips = (0..<clipCount).map { clip in
            PixelClip(
                frameCount: configuration.frameCount,
                elements: (0..<count).map { Float(($0 * 7919 + clip * 104_729) % 2003) / 1001 - 1 })
        }
        _ = try transformer.embed(clips)
        let clock = ContinuousClock()
        let seconds = try (0..<runs).map { _ in
            try clock.measure { _ = try transformer.embed(clips) } / .seconds(1)
        }
        print(seconds.map { String(format: "%.5f", $0) }.joined(separator: " "))
    }
}
