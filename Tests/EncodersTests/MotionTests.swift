import Encoders
import Foundation
import Tensors
import Testing

/// Golden values of `Golden/motion.py`: patch tokens of the references, features of NumPy.
@Suite struct MotionTests {
    private static let motion = MotionRecipe(block: 2, burst: 4)

    private static func encoder(
        _ model: TinyModel, motion: MotionRecipe? = motion, taps: [Int]? = nil,
        precision: Precision = .f32, threadCount: Int = 2
    ) throws -> Encoder {
        try Encoder(
            name: model.name, configuration: model.configuration,
            preprocessing: EncoderTests.preprocessing(model), weights: model.golden().weights,
            precision: precision, taps: taps, motion: motion, threadCount: threadCount)
    }

    /// Frames of 8 bits of which each resembles the one before.
    private static func frames(_ model: TinyModel, count: Int) -> [[UInt8]] {
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

    @Test(arguments: [TinyModel.dinov2, .viclip])
    func `features are those of NumPy on the reference's tokens`(model: TinyModel) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let file = try WeightFile.open(
            folder.appendingPathComponent("Golden/motion.safetensors").path)
        let pixels = try #require(file.tensors["pixels.\(model.name)"])
        let golden = try #require(file.tensors["features.\(model.name)"]).floats()
        let (numbers, clips) = (pixels.floats(), pixels.shape[0])
        let size = numbers.count / clips
        let encoder = try Self.encoder(model)
        for clip in 0..<clips {
            let embedding = try encoder.embed(pixels: [
                PixelClip(frameCount: 8, elements: Array(numbers[clip * size..<(clip + 1) * size]))
            ])[0]
            #expect(embedding.count == encoder.embeddingWidth)
            let count = MotionRecipe.featureCount
            let expected = golden[clip * count..<(clip + 1) * count]
            for (feature, pair) in zip(Self.features(embedding), expected).enumerated() {
                #expect(abs(pair.0 - pair.1) <= 2e-4, "clip \(clip), feature \(feature)")
            }
        }
    }

    @Test(arguments: [TinyModel.clip, .dinov2, .viclip], [1, 3])
    func `motion leaves the rest of the embedding as it is`(model: TinyModel, block: Int) throws {
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
        // The last block's second matrix is applied to pooled numbers where nobody follows its tokens.
        #expect(relativeError(content, try plain.embed(clips: [clip])[0]) < 1e-6)
        #expect(Self.features(embedding).last == 1)
    }

    @Test(arguments: [Precision.f32, .int8])
    func `frames whose content does not count are followed all the same`(precision: Precision)
        throws
    {
        let model = TinyModel.dinov2
        let frames = Self.frames(model, count: 14)
        let bursts = [Array(0..<6), Array(6..<12), [12, 13]]
        let all = try Self.encoder(
            model, motion: MotionRecipe(block: 2, burst: 6), precision: precision)
        let some = try Self.encoder(
            model, motion: MotionRecipe(block: 2, burst: 6, contentFrames: 2), precision: precision)
        let embedding = try some.embed(clips: [frames], bursts: [bursts])[0]
        #expect(
            Self.features(embedding)
                == Self.features(try all.embed(clips: [frames], bursts: [bursts])[0]))
        let counted = [1, 4, 7, 10, 12, 13].map { frames[$0] }
        let width = some.identity.contentWidth
        #expect(embedding.prefix(width) == (try all.embed(clips: [counted])[0]).prefix(width))
        // Of what is no sequence all counts.
        #expect(
            try some.embed(clips: [frames], bursts: [[]])[0].prefix(width)
                == all.embed(clips: [frames], bursts: [[]])[0].prefix(width))
        #expect(all.operations(frameCount: 12) > some.operations(frameCount: 12))
    }

    @Test func `all frames of a video encoder are its content`() throws {
        let encoder = try Self.encoder(
            .viclip, motion: MotionRecipe(block: 2, burst: 4, contentFrames: 2))
        #expect(encoder.motion == MotionRecipe(block: 2, burst: 4))
    }

    @Test(arguments: [Precision.f32, .int8], [nil, 1])
    func `the bits do not depend on the batch, the threads or what was seen before`(
        precision: Precision, contentFrames: Int?
    ) throws {
        let model = TinyModel.dinov2
        let frames = Self.frames(model, count: 40)
        let clips = (0..<12).map { Array(frames[2 * $0..<2 * $0 + 8]) }
        let motion = MotionRecipe(block: 2, burst: 4, contentFrames: contentFrames)
        let one = try Self.encoder(model, motion: motion, precision: precision, threadCount: 1)
        let alone = try clips.map { try one.embed(clips: [$0], reusesFrames: false)[0] }
        let many = try Self.encoder(model, motion: motion, precision: precision, threadCount: 3)
        #expect(try many.embed(clips: clips) == alone)
        #expect(try many.embed(clips: clips, reusesFrames: false) == alone)
        #expect(try clips.map { try many.embed(clips: [$0])[0] } == alone)
    }

    @Test func `long sequences are cut into pieces, and nothing is followed from one to the next`()
        throws
    {
        let model = TinyModel.dinov2
        let frames = Self.frames(model, count: 11)
        let encoder = try Self.encoder(model)
        func features(_ bursts: [[Int]]?) throws -> [Float] {
            Self.features(try encoder.embed(clips: [frames], bursts: bursts.map { [$0] })[0])
        }
        let pieces = try features([[0, 1, 2, 3], [4, 5, 6, 7]])
        #expect(try features([Array(0..<8)]) == pieces)
        // Three frames of another burst are no path.
        #expect(try features([Array(0..<8), [8, 9, 10]]) == pieces)
        // Pieces overlap where the length is no multiple of theirs.
        #expect(try features(nil) == features([[0, 1, 2, 3], [3, 4, 5, 6], [7, 8, 9, 10]]))
        for (one, other) in zip(try features([[4, 5, 6, 7], [0, 1, 2, 3]]), pieces) {
            #expect(abs(one - other) < 1e-5)
        }
        #expect(try features([[0, 4, 1, 5], [2, 6, 3, 7]]) != pieces)
    }

    @Test func `what is no sequence has no motion`() throws {
        let model = TinyModel.dinov2
        let frames = Self.frames(model, count: 8)
        let encoder = try Self.encoder(model, motion: MotionRecipe(block: 2, burst: 6))
        let none = [Float](repeating: 0, count: MotionRecipe.featureCount)
        func features(_ clip: [[UInt8]], _ bursts: [[Int]]?) throws -> [Float] {
            Self.features(try encoder.embed(clips: [clip], bursts: bursts.map { [$0] })[0])
        }
        #expect(try features([frames[0]], nil) == none)
        #expect(try features(frames, []) == none)
        #expect(try features(frames, [[0, 1, 2]]) == none)
        // Shorter than a burst, but a path.
        #expect(try features(frames, [[0, 1, 2, 3]]).last == 1)
    }

    @Test func `refuses blocks that are not computed and bursts that cannot be followed`() {
        for block in [0, 3] {
            #expect(throws: EncoderError.impossibleMotion(block: block, highestTap: 2)) {
                try Self.encoder(.clip, motion: MotionRecipe(block: block, burst: 4), taps: [2])
            }
        }
        #expect(throws: EncoderError.impossibleContent(frames: 5, burst: 4)) {
            try Self.encoder(.clip, motion: MotionRecipe(block: 2, burst: 4, contentFrames: 5))
        }
        var motion = MotionRecipe(block: 2, burst: 4)
        motion.revision = 1
        #expect(throws: EncoderError.unknownMotion(revision: 1)) {
            try Self.encoder(.clip, motion: motion)
        }
        for burst in [3, 17] {
            #expect(throws: EncoderError.impossibleBurst(burst)) {
                try Self.encoder(.clip, motion: MotionRecipe(block: 2, burst: burst))
            }
        }
    }
}
