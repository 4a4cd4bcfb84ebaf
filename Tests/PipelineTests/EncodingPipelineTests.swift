import Encoders
import Foundation
import Frames
import Media
import Pipeline
import Scoring
import Store
import Synchronization
import Testing
import TestModels
import TestSupport

@Suite struct EncodingPipelineTests {
    private let model: TinyModel
    private let media: TestMedia

    init() throws {
        model = try TinyModel()
        media = try TestMedia()
    }

    @Test func `a stored input needs neither decoder nor encoder`() throws {
        let store = try EmbeddingStore(path: media.folder.path("store.sqlite"))
        let video = try media.video("a.mp4")
        let image = try media.folder.make("a.png", "-frames:v 1")
        let sources = Dictionary(
            uniqueKeysWithValues: MediaKind.allCases.map {
                ($0, EncoderSource(name: model.encoder, weights: model.weights))
            })
        let encoders = ModelLoader(sources: sources, precision: .f32).encoders()
        let first = try run([video, image], encoders: encoders, store: store)
        #expect(first.count == 2)

        let known = try encoders.identities()
        let none = EncoderSet(precision: .f32, known: known) {
            throw POSIXError(.ENOENT)
        }
        #expect(try run([video, image], encoders: none, store: store) == first)
        #expect(throws: POSIXError.self) {
            try run([video], encoders: none, store: nil)
        }
    }

    /// A clip of one frame is embedded like an image and must not be used for one of four frames.
    @Test func `stored embeddings depend on the frame count`() throws {
        let store = try EmbeddingStore(path: media.folder.path("store.sqlite"))
        let video = try media.video("a.mp4")
        let encoders = ModelLoader(
            sources: Dictionary(
                uniqueKeysWithValues: MediaKind.allCases.map {
                    ($0, EncoderSource(name: model.encoder, weights: model.weights))
                }), precision: .f32
        ).encoders()
        for frames in [1, 4, 2] {
            let requests = [Request(input: video)]
            let stored = try run(requests, encoders: encoders, store: store, frames: frames)
            let fresh = try run(requests, encoders: encoders, store: nil, frames: frames)
            #expect(stored == fresh)
        }
    }

    /// Regression: the decoding thread held the last reference to the store, which was then closed
    /// during process exit.
    @Test func `the decoding thread releases the store before run returns`() throws {
        let video = try media.video("a.mp4")
        let encoders = ModelLoader(
            sources: [.video: EncoderSource(name: model.encoder, weights: model.weights)],
            precision: .f32
        ).encoders()
        for round in 0..<50 {
            var store: EmbeddingStore? = try EmbeddingStore(
                path: media.folder.path("store-\(round % 2).sqlite"))
            weak let watched = store
            _ = try run([video], encoders: encoders, store: store)
            store = nil
            #expect(watched == nil)
        }
    }

    @Test func `stored embeddings depend on the degradation`() throws {
        let store = try EmbeddingStore(path: media.folder.path("store.sqlite"))
        let video = try media.video("a.mp4")
        let encoders = ModelLoader(
            sources: [.video: EncoderSource(name: model.encoder, weights: model.weights)],
            precision: .f32
        ).encoders()
        func embeddings(_ degradations: [Degradation?]) throws -> [[Float]] {
            let requests = degradations.map { degradation in
                var request = Request(input: video)
                request.degradation = degradation
                return request
            }
            return try run(requests, encoders: encoders, store: store).map(\.embedding)
        }
        let kinds: [Degradation?] = [
            nil, .init(kind: .blur, strength: 1), .init(kind: .blur, strength: 2),
            .init(kind: .noise, strength: 2, seed: 1), .init(kind: .noise, strength: 2, seed: 2),
        ]
        let first = try embeddings(kinds)
        #expect(Set(first).count == kinds.count)
        // Again, from the store, in another order.
        #expect(try embeddings(kinds.reversed()) == first.reversed())
    }

    /// The first batch waits until the decoding thread has reached the end of both streams.
    @Test func `in real time the newest clips are kept and older ones dropped`() throws {
        let encoders = ModelLoader(
            sources: [.video: EncoderSource(name: model.encoder, weights: model.weights)],
            precision: .f32
        ).encoders()
        let pipes = ["first", "second"].map { media.folder.path($0) }
        let writers = try pipes.map { pipe in
            try #require(mkfifo(pipe, 0o600) == 0)
            return try FFmpeg.live([
                "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10", "-frames:v", "48", "-f", "nut",
                "-c:v", "rawvideo", pipe,
            ])
        }
        let pipeline = EncodingPipeline(
            encoders: encoders,
            samplingPlan: SamplingPlan(.window(WindowSampling(frameCount: 4))), batchSize: 1,
            isRealTime: true)
        let pending = Mutex(pipes.map { Request(input: $0) }[...])
        let isRead = DispatchSemaphore(value: 0)
        var clips: [String: [Int]] = [:]
        var dropped: [String: Int] = [:]
        var hasWaited = false
        try pipeline.run(next: {
            let request = pending.withLock { $0.popFirst() }
            if request == nil { isRead.signal() }
            return request
        }) { events in
            if !hasWaited {
                #expect(isRead.wait(timeout: .now() + BackgroundProcess.timeoutSeconds) == .success)
                hasWaited = true
            }
            for event in events {
                switch event {
                case .clip(let input, let clip):
                    #expect(input.isLive)
                    clips[input.request.input, default: []].append(clip.indices[0])
                case .invalidClip(_, _, let reason): Issue.record("\(reason)")
                case .dropped(let request, let count):
                    dropped[request.input, default: 0] += count
                case .end(_, .finished(let summary, _)): #expect(summary.frameCount == 48)
                case .end(_, .failed(let reason)): Issue.record("\(reason)")
                }
            }
        }
        for writer in writers { #expect(try writer.end() == 0) }
        // One clip was being encoded, two were in the queue.
        #expect(clips.values.reduce(0) { $0 + $1.count } <= 3)
        #expect(clips[pipes[1]]?.suffix(2) == [40, 44])
        for pipe in pipes {
            #expect(clips[pipe, default: []].count + dropped[pipe, default: 0] == 12)
        }
    }

    private func run(
        _ inputs: [String], encoders: EncoderSet, store: EmbeddingStore?
    ) throws -> [EncodedClip] {
        try run(inputs.map { Request(input: $0) }, encoders: encoders, store: store)
    }

    private func run(
        _ requests: [Request], encoders: EncoderSet, store: EmbeddingStore?, frames: Int = 4
    ) throws -> [EncodedClip] {
        let pipeline = EncodingPipeline(
            encoders: encoders,
            samplingPlan: SamplingPlan(.uniform(UniformSampling(frameCount: frames))),
            store: store)
        let pending = Mutex(requests[...])
        var clips: [EncodedClip] = []
        try pipeline.run(next: { pending.withLock { $0.popFirst() } }) {
            for case .clip(_, let clip) in $0 { clips.append(clip) }
        }
        return clips
    }
}
