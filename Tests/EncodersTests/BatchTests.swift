import CKernels
import Encoders
import TestSupport
import Testing

/// The same clip gives the same bits, whatever it is computed with.
@Suite struct BatchTests {
    static let precisions = Precision.allCases

    /// Clips of one kind, made up.
    static func clips(
        _ configuration: VisionTransformerConfiguration, count: Int, frames: Int
    ) -> [PixelClip] {
        let side = configuration.imageSize
        return (0..<count).map { clip in
            PixelClip(
                frameCount: frames,
                elements: SplitMix.numbers(
                    "clip \(clip)", count: frames * 3 * side * side, scale: 1))
        }
    }

    @Test(arguments: TinyModel.all, precisions)
    func `bits depend neither on the batch nor on threads`(
        model: TinyModel, precision: Precision
    ) throws {
        let clips = Self.clips(
            model.configuration, count: 8, frames: model.configuration.frameCount)
        let one = try model.transformer(precision: precision, taps: [1, 3], threadCount: 1)
        let alone = try clips.map { try one.embed([$0])[0] }
        for threadCount in [1, 2, 5] {
            let transformer = try model.transformer(
                precision: precision, taps: [1, 3], threadCount: threadCount)
            for size in [1, 3, 8] {
                let together = try transformer.embed(Array(clips[..<size]))
                #expect(together == Array(alone[..<size]), "\(size) on \(threadCount) threads")
            }
        }
    }

    /// 50 tokens, 197 and 1569: one tile, several, and a short last one.
    @Test(arguments: [(49, 7, 1), (28, 2, 1), (28, 2, 8)])
    func `bits of real token counts depend neither on the batch nor on threads`(
        image: Int, patch: Int, frames: Int
    ) throws {
        let model = MadeUpModel(
            VisionTransformerConfiguration(
                imageSize: image, patchSize: patch, width: 64, layers: 2, heads: 1,
                frameCount: frames))
        let clips = Self.clips(model.configuration, count: 8, frames: frames)
        let one = try model.transformer(threadCount: 1)
        let alone = try clips.map { try one.embed([$0])[0] }
        for threadCount in [1, 2] {
            let transformer = try model.transformer(threadCount: threadCount)
            for size in [3, 8] {
                let together = try transformer.embed(Array(clips[..<size]))
                #expect(together == Array(alone[..<size]), "\(size) on \(threadCount) threads")
            }
        }
    }

    /// More encoders at once than processors, so that threads are taken off theirs in the middle of a task.
    @Test(arguments: precisions)
    func `no thread gets ahead of what it needs`(precision: Precision) async throws {
        let model = MadeUpModel(
            VisionTransformerConfiguration(
                imageSize: 49, patchSize: 7, width: 64, layers: 8, heads: 1))
        let clips = Self.clips(model.configuration, count: 7, frames: 1)
        let one = try model.transformer(precision: precision, threadCount: 1)
        let alone = try clips.map { try one.embed([$0])[0] }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let transformer = try model.transformer(precision: precision, threadCount: 8)
                    for _ in 0..<150 { #expect(try transformer.embed(clips) == alone) }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `clips of one frame and of eight may be mixed`() throws {
        let model = TinyModel.viclip
        let videos = Self.clips(model.configuration, count: 2, frames: 8)
        let images = Self.clips(model.configuration, count: 2, frames: 1)
        let transformer = try model.transformer(threadCount: 2)
        let mixed = try transformer.embed([videos[0], images[0], videos[1], images[1]])
        #expect(try mixed[0] == transformer.embed([videos[0]])[0])
        #expect(try mixed[1] == transformer.embed([images[0]])[0])
        #expect(try mixed[2] == transformer.embed([videos[1]])[0])
        #expect(try mixed[3] == transformer.embed([images[1]])[0])
    }

    @Test func `callers on several threads get what they asked for`() async throws {
        let model = TinyModel.clip
        let clips = Self.clips(model.configuration, count: 8, frames: 1)
        let transformer = try model.transformer(threadCount: 2)
        let expected = try transformer.embed(clips)
        try await withThrowingTaskGroup(of: (Int, Embedding).self) { group in
            for index in clips.indices {
                group.addTask { (index, try transformer.embed([clips[index]])[0]) }
            }
            for try await (index, embedding) in group {
                #expect(embedding == expected[index])
            }
        }
    }
}
