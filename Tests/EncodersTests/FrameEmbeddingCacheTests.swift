import Encoders
import Testing
import TestSupport

@Suite struct FrameEmbeddingCacheTests {
    /// Requests embeddings of frames by number; the embedding of a frame is its number.
    ///
    /// - Returns: The numbers of the frames that were embedded, and the requested embeddings.
    private static func run(
        _ recent: inout FrameEmbeddingCache<[Float]>, _ numbers: [Int], capacity: Int
    ) throws -> (embedded: [Int], vectors: [Int]) {
        var embedded: [Int] = []
        let frames = numbers.map { FrameRequest(frame($0)) }
        let vectors = try recent.embeddings(of: frames, capacity: capacity) { unknown in
            let vectors = unknown.map { [Float($0.pixels[0])] }
            embedded += vectors.map { Int($0[0]) }
            return vectors
        }
        return (embedded, vectors.map { Int($0[0]) })
    }

    /// A frame of 5000 bytes that starts with its number.
    private static func frame(_ number: Int) -> [UInt8] {
        [UInt8(number)] + Array(repeating: 7, count: 4999)
    }

    @Test func `each frame of overlapping clips is embedded once`() throws {
        var recent = FrameEmbeddingCache<[Float]>()
        let first = try Self.run(&recent, [1, 2, 3, 4, 3, 4, 5, 6], capacity: 8)
        #expect(first.embedded == [1, 2, 3, 4, 5, 6])
        #expect(first.vectors == [1, 2, 3, 4, 3, 4, 5, 6])
        let second = try Self.run(&recent, [5, 6, 7, 8, 8], capacity: 8)
        #expect(second.embedded == [7, 8])
        #expect(second.vectors == [5, 6, 7, 8, 8])
    }

    @Test func `only the newest frames are cached`() throws {
        var recent = FrameEmbeddingCache<[Float]>()
        _ = try Self.run(&recent, [1, 2, 3, 4], capacity: 2)
        #expect(try Self.run(&recent, [3, 4], capacity: 2).embedded == [])
        #expect(try Self.run(&recent, [2], capacity: 2).embedded == [2])
        #expect(try Self.run(&recent, [3], capacity: 0).embedded == [3])
        #expect(try Self.run(&recent, [3], capacity: 0).embedded == [3])
    }

    /// A cached frame with content also serves requests without content.
    @Test func `a frame with content replaces one without`() throws {
        var recent = FrameEmbeddingCache<Bool>()
        func run(_ wanted: [Bool]) throws -> (embedded: [Bool], found: [Bool]) {
            var embedded: [Bool] = []
            let frames = wanted.map { FrameRequest(Self.frame(1), wantsContent: $0) }
            let found = try recent.embeddings(of: frames, capacity: 8) { unknown in
                embedded += unknown.map(\.wantsContent)
                return unknown.map(\.wantsContent)
            }
            return (embedded, found)
        }
        #expect(try run([false]) == ([false], [false]))
        #expect(try run([false, true, false]) == ([true], [true, true, true]))
        #expect(try run([false]) == ([], [true]))
    }

    /// Frames are looked up by some of their bytes and compared by all.
    @Test func `frames that differ in one byte are distinct`() throws {
        var recent = FrameEmbeddingCache<[Float]>()
        let black = [UInt8](repeating: 0, count: 224 * 224 * 3)
        for offset in [0, 100, 70_000, black.count - 1] {
            var other = black
            other[offset] = 1
            let vectors = try recent.embeddings(
                of: [black, other, black].map { FrameRequest($0) }, capacity: 8
            ) {
                $0.map { [$0.pixels.reduce(0) { $0 + Float($1) }] }
            }
            #expect(vectors == [[0], [1], [0]])
        }
    }

    @Test func `a frame that failed to embed is not cached`() throws {
        var recent = FrameEmbeddingCache<[Float]>()
        let problem = EncoderError.invalidClip(reason: "made up")
        #expect(throws: problem) {
            try recent.embeddings(of: [FrameRequest(Self.frame(1))], capacity: 8) {
                _ throws(EncoderError) in throw problem
            }
        }
        #expect(try Self.run(&recent, [1], capacity: 8).embedded == [1])
    }

    @Test func `embeddings are the same with and without cached frames`() throws {
        let model = ReferenceModel.clip
        let frames = EncoderTests.frames(model, count: 7)
        let clips = [0, 1, 3, 2].map { Array(frames[$0..<$0 + 4]) }
        let encoder = try EncoderTests.encoder(model)
        let alone = try clips.map { try encoder.embed(clips: [$0], reusesFrames: false)[0] }
        #expect(try encoder.embed(clips: clips) == alone)
        #expect(try clips.map { try encoder.embed(clips: [$0])[0] } == alone)
    }
}
