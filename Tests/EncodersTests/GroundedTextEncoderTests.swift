import Encoders
import Tensors
import TestModels
import TestSupport
import Testing

/// BLIP's text encoder of real size against the reference (`fixtures/metrics/imagereward.py`), and what it refuses. The
/// whole of ImageReward is in `ImageRewardTests`.
@Suite struct GroundedTextEncoderTests {
    private static let tiny = GroundedTextConfiguration(
        width: 64, layers: 2, heads: 2, hiddenWidth: 96, contextLength: 12, positionCount: 40,
        vocabularyCount: 50, imageWidth: 48)

    private static func encoder(
        _ configuration: GroundedTextConfiguration = tiny, threads: Int = 2
    ) throws -> GroundedTextEncoder {
        try GroundedTextEncoder(
            configuration: configuration, weights: BLIPWeights.file(configuration, label: "tiny"),
            threadCount: threads)
    }

    private static func image(_ tokens: Int, seed: Int) -> [Float] {
        SplitMix.numbers("image \(seed)", count: 48 * tokens, scale: 2)
    }

    @Test func `outputs match the reference at the published size`() throws {
        let configuration = GroundedTextConfiguration(imageWidth: 1024)
        let encoder = try GroundedTextEncoder(
            configuration: configuration,
            weights: BLIPWeights.file(configuration, label: "imagereward"), threadCount: 2)
        let tokens = SplitMix.numbers("imagereward/tokens", count: 2 * 197 * 1024, scale: 2)
        let images = [Array(tokens[..<(197 * 1024)]), Array(tokens[(197 * 1024)...])]
        let golden = try WeightFile.open(Fixture.path("metrics/imagereward.safetensors"))
        for length in [35, 7] {
            let symbols = SplitMix.numbers(
                "imagereward/symbols/\(length)", count: length, scale: 0.5, offset: 0.5
            ).map { Int32((Double($0) * 30522).rounded(.down)) }
            let outputs = try encoder.outputs(of: symbols, for: images)
            let expected = try #require(golden.tensors["golden.\(length)"]).floats()
            #expect(outputs.map(\.count) == [768, 768])
            #expect(relativeError(outputs.flatMap(\.self), expected) < 1e-4)
        }
    }

    @Test func `an output has the same bits whatever other images and threads there are`() throws {
        let images = (1...7).map { Self.image(3 + $0, seed: $0) }
        let text: [Int32] = [2, 9, 40, 8, 3]
        let one = try Self.encoder(threads: 1)
        let expected = try images.flatMap { try one.outputs(of: text, for: [$0]) }
        #expect(try Self.encoder(threads: 3).outputs(of: text, for: images) == expected)
        #expect(Set(expected).count == images.count)
    }

    @Test func `texts and images that are none are refused`() throws {
        let encoder = try Self.encoder()
        let image = Self.image(4, seed: 1)
        for text: [Int32] in [[], Array(repeating: 1, count: 13), [2, 50], [2, -1]] {
            #expect(throws: EncoderError.self) { try encoder.outputs(of: text, for: [image]) }
        }
        for image in [[], Array(image.dropLast())] {
            #expect(throws: EncoderError.self) { try encoder.outputs(of: [2, 3], for: [image]) }
        }
        #expect(try encoder.outputs(of: [2, 3], for: []).isEmpty)
    }

    @Test func `weights of another model and impossible sizes are refused`() throws {
        let weights = BLIPWeights.file(Self.tiny, label: "tiny")
        func load(_ change: (inout GroundedTextConfiguration) -> Void) throws {
            var configuration = Self.tiny
            change(&configuration)
            _ = try GroundedTextEncoder(
                configuration: configuration, weights: weights, threadCount: 1)
        }
        let changes: [(inout GroundedTextConfiguration) -> Void] = [
            { $0.layers = 1 }, { $0.layers = 3 }, { $0.imageWidth = 64 }, { $0.imageWidth = 47 },
            { $0.contextLength = 41 }, { $0.contextLength = .max }, { $0.vocabularyCount = 51 },
            { $0.positionCount = -1 }, { $0.heads = 3 }, { $0.width = 1 << 20 },
        ]
        for change in changes {
            #expect(throws: EncoderError.self) { try load(change) }
        }
        let vision = WeightFile(name: "none", tensors: [:])
        #expect(throws: EncoderError.noGroundedText(file: "none")) {
            try GroundedTextEncoder(configuration: Self.tiny, weights: vision, threadCount: 1)
        }
        var tensors = weights.tensors
        tensors["encoder.layer.1.output.dense.bias"] = StoredTensor(
            Array(repeating: .nan, count: 64), shape: [64])
        #expect(throws: EncoderError.self) {
            try GroundedTextEncoder(
                configuration: Self.tiny, weights: WeightFile(name: "nan", tensors: tensors),
                threadCount: 1)
        }
    }

    @Test func `all tokens of an image are kept only after the output norm`() throws {
        let plain = VisionTransformerConfiguration(
            imageSize: 14, patchSize: 7, width: 16, layers: 2, heads: 2)
        let weights = try RandomWeights.file(for: .transformer(plain))
        #expect(throws: EncoderError.self) {
            try VisionTransformer(
                configuration: plain, weights: weights, precision: .f32, keepsTokens: true,
                threadCount: 1)
        }
    }
}
