import Encoders
import Foundation
import Frames
import Tensors
import Testing
import TestSupport

@Suite struct EncoderTests {
    static func preprocessing(_ model: ReferenceModel) -> Preprocessing {
        Preprocessing(
            resize: .squash, size: model.configuration.imageSize, filter: .openCVLinear,
            crop: model.configuration.imageSize, mean: [0.5, 0.25, 0.125],
            deviation: [0.25, 0.5, 1])
    }

    static func encoder(
        _ model: ReferenceModel, weights: WeightFile? = nil, taps: [Int]? = nil
    ) throws -> Encoder {
        try Encoder(
            name: model.name, architecture: .transformer(model.configuration),
            preprocessing: preprocessing(model), weights: weights ?? model.golden().weights,
            precision: .f32, taps: taps, threadCount: 2)
    }

    static func frames(_ model: ReferenceModel, count: Int) -> [[UInt8]] {
        let side = model.configuration.imageSize
        var generator = SplitMix(state: 11)
        return (0..<count).map { _ in
            (0..<side * side * 3).map { _ in UInt8.random(in: 0...255, using: &generator) }
        }
    }

    /// Normalized pixels of a frame, `[3, side, side]`, computed directly.
    static func pixels(_ model: ReferenceModel, _ frame: [UInt8]) -> [Float] {
        let preprocessing = preprocessing(model)
        return (0..<3).flatMap { channel in
            stride(from: channel, to: frame.count, by: 3).map {
                (Float(frame[$0]) / 255 - preprocessing.mean[channel])
                    / preprocessing.deviation[channel]
            }
        }
    }

    @Test func `an image encoder averages over the frames of a clip`() throws {
        let model = ReferenceModel.clip
        let frames = Self.frames(model, count: 3)
        let encoder = try Self.encoder(model)
        let clip = try encoder.embed(clips: [frames])[0]
        let alone = try encoder.embed(clips: frames.map { [$0] })
        #expect(clip.count == encoder.embeddingWidth)
        for i in clip.indices {
            let mean = (alone[0][i] + alone[1][i] + alone[2][i]) / 3
            #expect(abs(clip[i] - mean) < 1e-5)
        }
        let transformer = try model.transformer()
        let direct = try transformer.embed([
            PixelClip(frameCount: 1, elements: Self.pixels(model, frames[0]))
        ])
        #expect(alone[0] == direct[0].vector)
    }

    @Test func `frames of floats are normalized like those of bytes`() throws {
        let model = ReferenceModel.clip
        let frames = Self.frames(model, count: 2)
        var preprocessing = Self.preprocessing(model)
        preprocessing.filter = .torchBicubicAntialiased
        let encoder = try Encoder(
            name: model.name, architecture: .transformer(model.configuration),
            preprocessing: preprocessing,
            weights: model.golden().weights, precision: .f32, threadCount: 2)
        let preprocessor = Preprocessor(preprocessing)
        let floats = frames.map(preprocessor.prepared(resized:))
        #expect(floats[0].count == preprocessor.byteCount)
        #expect(preprocessor.byteCount == 4 * frames[0].count)
        #expect(
            try encoder.embed(clips: [floats]) == Self.encoder(model).embed(clips: [frames]))
        #expect(preprocessor.normalize(floats[0]) == Self.pixels(model, frames[0]))
        #expect(throws: EncoderError.self) { try encoder.embed(clips: [frames]) }
        #expect(throws: EncoderError.self) { try Self.encoder(model).embed(clips: [floats]) }
    }

    @Test func `a frame of a clip is copied with interleaved channels`() throws {
        // Three frames of 5 × 7 pixels; a prepared frame is not square in general.
        var generator = SplitMix(state: 12)
        let frames = (0..<3).map { _ in
            (0..<5 * 7 * 3).map { _ in UInt8.random(in: 0...255, using: &generator) }
        }
        var preprocessing = Self.preprocessing(.clip)
        let expected = frames.map { frame in
            frame.indices.map { i in
                (Float(frame[i]) / 255 - preprocessing.mean[i % 3]) / preprocessing.deviation[i % 3]
            }
        }
        let bytes = PixelClip(frames: frames, preparedBy: Preprocessor(preprocessing))
        preprocessing.filter = .torchBilinearFloat
        let preprocessor = Preprocessor(preprocessing)
        let floats = PixelClip(
            frames: frames.map(preprocessor.prepared(resized:)), preparedBy: preprocessor)
        let planes = expected.flatMap { frame in
            (0..<3).flatMap { channel in
                stride(from: channel, to: frame.count, by: 3).map { frame[$0] }
            }
        }
        let numbers = PixelClip(frameCount: 3, elements: planes)
        for clip in [bytes, floats, numbers] {
            for (index, frame) in expected.enumerated() {
                var row = [Float](repeating: .nan, count: frame.count + 1)
                clip.copyFrame(index, pixelCount: 35, into: &row)
                #expect(Array(row.dropLast()) == frame)
                #expect(row[frame.count].isNaN, "wrote past the end")
            }
        }
    }

    @Test func `a video encoder attends over the frames of a clip`() throws {
        let model = ReferenceModel.viclip
        let frames = Self.frames(model, count: 8)
        let encoder = try Self.encoder(model)
        let embeddings = try encoder.embed(clips: [frames, [frames[0]], frames.reversed()])
        let transformer = try model.transformer()
        let direct = try transformer.embed([
            PixelClip(frameCount: 8, elements: frames.flatMap { Self.pixels(model, $0) }),
            PixelClip(frameCount: 1, elements: Self.pixels(model, frames[0])),
        ])
        #expect(embeddings[0] == direct[0].vector)
        #expect(embeddings[1] == direct[1].vector)
        #expect(relativeError(embeddings[2], embeddings[0]) > 1e-2, "time has no direction")
    }

    @Test func `taps are concatenated, the lowest first`() throws {
        let model = ReferenceModel.clip
        let clips = [Self.frames(model, count: 1)]
        let both = try Self.encoder(model, taps: [1, 3]).embed(clips: clips)[0]
        let low = try Self.encoder(model, taps: [1]).embed(clips: clips)[0]
        let high = try Self.encoder(model).embed(clips: clips)[0]
        // If block 1 is the last block, its second matrix is applied after pooling.
        #expect(relativeError(Array(both[..<low.count]), low) < 1e-6)
        #expect(Array(both[low.count...]) == high)
    }

    @Test(arguments: [[], [0], [4], [2, 1], [2, 2]])
    func `refuses impossible taps`(taps: [Int]) throws {
        #expect(throws: EncoderError.invalidTaps(taps: taps, layers: 3)) {
            try Self.encoder(.clip, taps: taps)
        }
    }

    @Test func `refuses clips of the wrong size`() throws {
        let video = try Self.encoder(.viclip)
        let frames = Self.frames(.viclip, count: 8)
        for clip in [[], Array(frames[..<3]), frames + frames, [Array(frames[0].dropLast())]] {
            #expect(throws: EncoderError.self) { try video.embed(clips: [frames, clip]) }
        }
        #expect(try video.embed(clips: []).isEmpty)
    }

    @Test(arguments: [
        (\VisionTransformerConfiguration.heads, 5), (\.heads, 0), (\.width, -64),
        (\.patchSize, 6), (\.imageSize, 0), (\.layers, 1 << 40), (\.frameCount, 0),
        (\.positionGrid, 1 << 40), (\.hiddenWidth, 0),
    ])
    func `refuses impossible configurations`(
        field: any WritableKeyPath<VisionTransformerConfiguration, Int> & Sendable, value: Int
    ) throws {
        var configuration = ReferenceModel.clip.configuration
        configuration[keyPath: field] = value
        let weights = try ReferenceModel.clip.golden().weights
        #expect {
            try VisionTransformer(
                configuration: configuration, weights: weights, precision: .f32, threadCount: 1)
        } throws: { error in
            if case EncoderError.invalidConfiguration = error { true } else { false }
        }
    }

    @Test func `the fingerprint depends on weights and architecture, not on names`() throws {
        let weights = try ReferenceModel.clip.golden().weights
        let encoder = try Self.encoder(.clip, weights: weights)
        let fingerprint = encoder.fingerprint
        #expect(fingerprint.count == 64)
        #expect(try Self.encoder(.clip, taps: [2]).fingerprint == fingerprint)

        let renamed = WeightFile(
            name: "renamed",
            tensors: WeightSchemeTests.prefixed(
                WeightSchemeTests.openAI(weights.tensors), "visual."))
        #expect(try Self.encoder(.clip, weights: renamed).fingerprint == fingerprint)

        var changed = weights.tensors
        var tensor = try #require(changed["encoder.layers.2.mlp.fc2.bias"]).floats()
        tensor[7] = tensor[7].nextUp
        changed["encoder.layers.2.mlp.fc2.bias"] = WeightSchemeTests.stored([64], tensor)
        let other = WeightFile(name: "changed", tensors: changed)
        #expect(try Self.encoder(.clip, weights: other).fingerprint != fingerprint)

        var model = ReferenceModel.clip.configuration
        model.activation = .gelu
        let architecture = try Encoder(
            name: "gelu", architecture: .transformer(model),
            preprocessing: Self.preprocessing(.clip),
            weights: weights, precision: .f32, threadCount: 1)
        #expect(architecture.fingerprint != fingerprint)
    }

    @Test func `the fingerprint does not depend on the dtype of the weights`() throws {
        // Values that bfloat16 represents exactly.
        let tensors = try ReferenceModel.clip.golden().weights.tensors
        var (single, brain): ([String: StoredTensor], [String: StoredTensor]) = ([:], [:])
        for (name, tensor) in tensors {
            let bits = tensor.floats().map { UInt16($0.bitPattern >> 16) }
            let values = bits.map { Float(bitPattern: UInt32($0) << 16) }
            single[name] = WeightSchemeTests.stored(tensor.shape, values)
            brain[name] = bits.withUnsafeBytes { bytes in
                StoredTensor(
                    shape: tensor.shape, dtype: .bf16,
                    storage: ByteStorage(copying: bytes)!, range: 0..<bytes.count)
            }
        }
        let first = try Self.encoder(.clip, weights: WeightFile(name: "f32", tensors: single))
        let second = try Self.encoder(.clip, weights: WeightFile(name: "bf16", tensors: brain))
        #expect(first.fingerprint == second.fingerprint)
        #expect(first.identity == second.identity)
        let clips = [Self.frames(.clip, count: 1)]
        #expect(try first.embed(clips: clips) == second.embed(clips: clips))
    }
}
