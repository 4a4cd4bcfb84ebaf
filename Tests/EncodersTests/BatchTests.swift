import CKernels
import Encoders
import Testing
import TestSupport

/// The embedding of a clip is bit-exact for any batch and thread count.
@Suite struct BatchTests {
    static let precisions = Precision.allCases

    /// Clips of random pixels with the same frame count.
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

    @Test(arguments: ReferenceModel.all, precisions)
    func `embeddings do not depend on batch or threads`(
        model: ReferenceModel, precision: Precision
    ) throws {
        let clips = Self.clips(
            model.configuration, count: 8, frames: model.configuration.frameCount)
        let reference = try model.transformer(precision: precision, taps: [1, 3], threadCount: 1)
        let alone = try clips.map { try reference.embed([$0])[0] }
        for threadCount in [1, 2, 5] {
            let transformer = try model.transformer(
                precision: precision, taps: [1, 3], threadCount: threadCount)
            for size in [1, 3, 8] {
                let together = try transformer.embed(Array(clips[..<size]))
                #expect(together == Array(alone[..<size]), "\(size) on \(threadCount) threads")
            }
        }
    }

    /// 50, 197 and 1569 tokens: one tile, several tiles, and a short last tile.
    @Test(arguments: [(49, 7, 1), (28, 2, 1), (28, 2, 8)])
    func `embeddings with real token counts do not depend on batch or threads`(
        image: Int, patch: Int, frames: Int
    ) throws {
        let model = RandomModel(
            VisionTransformerConfiguration(
                imageSize: image, patchSize: patch, width: 64, layers: 2, heads: 1,
                frameCount: frames))
        let clips = Self.clips(model.configuration, count: 8, frames: frames)
        let reference = try model.transformer(threadCount: 1)
        let alone = try clips.map { try reference.embed([$0])[0] }
        for threadCount in [1, 2] {
            let transformer = try model.transformer(threadCount: threadCount)
            for size in [3, 8] {
                let together = try transformer.embed(Array(clips[..<size]))
                #expect(together == Array(alone[..<size]), "\(size) on \(threadCount) threads")
            }
        }
    }

    /// Runs more encoders than processors, so that threads are preempted in the middle of a task.
    @Test(arguments: precisions)
    func `task dependencies hold under preemption`(precision: Precision) async throws {
        let model = RandomModel(
            VisionTransformerConfiguration(
                imageSize: 49, patchSize: 7, width: 64, layers: 8, heads: 1))
        let clips = Self.clips(model.configuration, count: 7, frames: 1)
        let reference = try model.transformer(precision: precision, threadCount: 1)
        let alone = try clips.map { try reference.embed([$0])[0] }
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

    @Test func `a batch can mix clips of one frame and of eight frames`() throws {
        let model = ReferenceModel.viclip
        let videos = Self.clips(model.configuration, count: 2, frames: 8)
        let images = Self.clips(model.configuration, count: 2, frames: 1)
        let transformer = try model.transformer(threadCount: 2)
        let mixed = try transformer.embed([videos[0], images[0], videos[1], images[1]])
        #expect(try mixed[0] == transformer.embed([videos[0]])[0])
        #expect(try mixed[1] == transformer.embed([images[0]])[0])
        #expect(try mixed[2] == transformer.embed([videos[1]])[0])
        #expect(try mixed[3] == transformer.embed([images[1]])[0])
    }

    @Test func `concurrent callers get their own embeddings`() async throws {
        let model = ReferenceModel.clip
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
