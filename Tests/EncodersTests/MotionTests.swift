import Encoders
import Foundation
import Tensors
import Testing
import TestSupport

/// Golden values of `fixtures/encoders/motion.py`: patch tokens from the references,
/// features from NumPy.
@Suite struct MotionTests {
    private static let motion = MotionRecipe(block: 2, burst: 4)

    private static func encoder(
        _ model: ReferenceModel, motion: MotionRecipe? = motion, taps: [Int]? = nil,
        precision: Precision = .f32, threadCount: Int = 2
    ) throws -> Encoder {
        try Encoder(
            name: model.name, architecture: .transformer(model.configuration),
            preprocessing: EncoderTests.preprocessing(model), weights: model.golden().weights,
            precision: precision, taps: taps, motion: motion, threadCount: threadCount)
    }

    /// 8-bit frames that blend gradually between two random frames.
    private static func frames(_ model: ReferenceModel, count: Int) -> [[UInt8]] {
        let frames = EncoderTests.frames(model, count: 2)
        return (0..<count).map { time in
            zip(frames[0], frames[1]).map { a, b in
                UInt8((Int(a) * (count - time) + Int(b) * time) / count)
            }
        }
    }

    private static func features(_ embedding: [Float]) -> [Float] {
        Array(embedding.suffix(MotionRecipe.featureCount))
    }

    @Test(arguments: [ReferenceModel.dinov2, .viclip])
    func `features match NumPy on the tokens of the reference`(model: ReferenceModel) throws {
        let file = try WeightFile.open(Fixture.path("encoders/motion.safetensors"))
        let pixels = try #require(file.tensors["pixels.\(model.name)"])
        let golden = try #require(file.tensors["features.\(model.name)"]).floats()
        let (elements, clips) = (pixels.floats(), pixels.shape[0])
        let size = elements.count / clips
        let encoder = try Self.encoder(model)
        for clip in 0..<clips {
            let embedding = try encoder.embed(pixels: [
                PixelClip(frameCount: 8, elements: Array(elements[clip * size..<(clip + 1) * size]))
            ])[0]
            #expect(embedding.count == encoder.embeddingWidth)
            let count = MotionRecipe.featureCount
            let expected = golden[clip * count..<(clip + 1) * count]
            for (feature, pair) in zip(Self.features(embedding), expected).enumerated() {
                #expect(abs(pair.0 - pair.1) <= 2e-4, "clip \(clip), feature \(feature)")
            }
        }
    }

    @Test(arguments: [ReferenceModel.clip, .dinov2, .viclip], [1, 3])
    func `motion does not change the embedding itself`(model: ReferenceModel, block: Int) throws {
        let clip = Self.frames(model, count: 8)
        let plain = try Self.encoder(model, motion: nil, taps: [1, 3])
        let moving = try Self.encoder(
            model, motion: MotionRecipe(block: block, burst: 4), taps: [1, 3])
        let embedding = try moving.embed(clips: [clip])[0]
        #expect(moving.embeddingWidth == plain.embeddingWidth + MotionRecipe.featureCount)
        #expect(moving.identity.contentWidth == plain.embeddingWidth)
        #expect(moving.identity.withoutMotion == plain.identity)
        #expect(moving.identity != plain.identity)
        let content = Array(embedding.prefix(plain.embeddingWidth))
        // Without motion the second matrix of the last block is applied after pooling.
        #expect(relativeError(content, try plain.embed(clips: [clip])[0]) < 1e-6)
        #expect(Self.features(embedding).last == 1)
    }

    @Test(arguments: [Precision.f32, .int8])
    func `frames without content still contribute to motion`(precision: Precision)
        throws
    {
        let model = ReferenceModel.dinov2
        let frames = Self.frames(model, count: 14)
        let bursts = [Array(0..<6), Array(6..<12), [12, 13]]
        let all = try Self.encoder(
            model, motion: MotionRecipe(block: 2, burst: 6), precision: precision)
        let reduced = try Self.encoder(
            model, motion: MotionRecipe(block: 2, burst: 6, contentFrames: 2), precision: precision)
        let embedding = try reduced.embed(clips: [frames], bursts: [bursts])[0]
        #expect(
            Self.features(embedding)
                == Self.features(try all.embed(clips: [frames], bursts: [bursts])[0]))
        let contentFrames = [1, 4, 7, 10, 12, 13].map { frames[$0] }
        let width = reduced.identity.contentWidth
        #expect(embedding.prefix(width) == (try all.embed(clips: [contentFrames])[0]).prefix(width))
        // Without bursts all frames have content.
        #expect(
            try reduced.embed(clips: [frames], bursts: [[]])[0].prefix(width)
                == all.embed(clips: [frames], bursts: [[]])[0].prefix(width))
        #expect(all.operations(frameCount: 12) > reduced.operations(frameCount: 12))
    }

    @Test func `a video encoder uses the content of all frames`() throws {
        let encoder = try Self.encoder(
            .viclip, motion: MotionRecipe(block: 2, burst: 4, contentFrames: 2))
        #expect(encoder.motion == MotionRecipe(block: 2, burst: 4))
    }

    @Test(arguments: [Precision.f32, .int8], [nil, 1])
    func `embeddings do not depend on batch, threads or cached frames`(
        precision: Precision, contentFrames: Int?
    ) throws {
        let model = ReferenceModel.dinov2
        let frames = Self.frames(model, count: 40)
        let clips = (0..<12).map { Array(frames[2 * $0..<2 * $0 + 8]) }
        let motion = MotionRecipe(block: 2, burst: 4, contentFrames: contentFrames)
        let single = try Self.encoder(model, motion: motion, precision: precision, threadCount: 1)
        let alone = try clips.map { try single.embed(clips: [$0], reusesFrames: false)[0] }
        let threaded = try Self.encoder(
            model, motion: motion, precision: precision, threadCount: 3)
        #expect(try threaded.embed(clips: clips) == alone)
        #expect(try threaded.embed(clips: clips, reusesFrames: false) == alone)
        #expect(try clips.map { try threaded.embed(clips: [$0])[0] } == alone)
    }

    @Test func `long bursts are split, and motion is not tracked across splits`()
        throws
    {
        let model = ReferenceModel.dinov2
        let frames = Self.frames(model, count: 11)
        let encoder = try Self.encoder(model)
        func features(_ bursts: [[Int]]?) throws -> [Float] {
            Self.features(try encoder.embed(clips: [frames], bursts: bursts.map { [$0] })[0])
        }
        let pieces = try features([[0, 1, 2, 3], [4, 5, 6, 7]])
        #expect(try features([Array(0..<8)]) == pieces)
        // A burst of three frames is too short.
        #expect(try features([Array(0..<8), [8, 9, 10]]) == pieces)
        // Pieces overlap if the length is not a multiple of the piece length.
        #expect(try features(nil) == features([[0, 1, 2, 3], [3, 4, 5, 6], [7, 8, 9, 10]]))
        for (a, b) in zip(try features([[4, 5, 6, 7], [0, 1, 2, 3]]), pieces) {
            #expect(abs(a - b) < 1e-5)
        }
        #expect(try features([[0, 4, 1, 5], [2, 6, 3, 7]]) != pieces)
    }

    @Test func `clips without a burst have no motion`() throws {
        let model = ReferenceModel.dinov2
        let frames = Self.frames(model, count: 8)
        let encoder = try Self.encoder(model, motion: MotionRecipe(block: 2, burst: 6))
        let none = [Float](repeating: 0, count: MotionRecipe.featureCount)
        func features(_ clip: [[UInt8]], _ bursts: [[Int]]?) throws -> [Float] {
            Self.features(try encoder.embed(clips: [clip], bursts: bursts.map { [$0] })[0])
        }
        #expect(try features([frames[0]], nil) == none)
        #expect(try features(frames, []) == none)
        #expect(try features(frames, [[0, 1, 2]]) == none)
        // Shorter than the recipe's burst, but long enough.
        #expect(try features(frames, [[0, 1, 2, 3]]).last == 1)
    }

    @Test func `refuses blocks that are not computed and impossible bursts`() {
        for block in [0, 3] {
            #expect(throws: EncoderError.invalidMotionBlock(block: block, highestTap: 2)) {
                try Self.encoder(.clip, motion: MotionRecipe(block: block, burst: 4), taps: [2])
            }
        }
        #expect(throws: EncoderError.invalidContentFrames(frames: 5, burst: 4)) {
            try Self.encoder(.clip, motion: MotionRecipe(block: 2, burst: 4, contentFrames: 5))
        }
        var motion = MotionRecipe(block: 2, burst: 4)
        motion.revision = 1
        #expect(throws: EncoderError.unsupportedMotionRevision(revision: 1)) {
            try Self.encoder(.clip, motion: motion)
        }
        for burst in [3, 17] {
            #expect(throws: EncoderError.invalidBurstLength(burst)) {
                try Self.encoder(.clip, motion: MotionRecipe(block: 2, burst: burst))
            }
        }
    }
}
