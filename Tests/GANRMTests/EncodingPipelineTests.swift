import Encoders
import Foundation
import Frames
import GANRM
import Media
import Scoring
import Store
import Synchronization
import TestSupport
import Testing

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
        let picture = try media.folder.make("a.png", "-frames:v 1")
        let sources = Dictionary(
            uniqueKeysWithValues: MediaKind.allCases.map {
                ($0, EncoderSource(name: model.encoder, weights: model.weights))
            })
        let encoders = ModelLoading(sources: sources, precision: .f32).encoders()
        let first = try run([video, picture], encoders: encoders, store: store)
        #expect(first.count == 2)

        let known = try encoders.identities()
        let none = EncoderSet(precision: .f32, known: known) {
            throw POSIXError(.ENOENT)
        }
        #expect(try run([video, picture], encoders: none, store: store) == first)
        #expect(throws: POSIXError.self) {
            try run([video], encoders: none, store: nil)
        }
    }

    /// A video of one frame is embedded as a picture is: it must not be taken for that of four frames.
    @Test func `embeddings of other numbers of frames do not mix`() throws {
        let store = try EmbeddingStore(path: media.folder.path("store.sqlite"))
        let video = try media.video("a.mp4")
        let encoders = ModelLoading(
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

    /// A store that the decoding thread let go of last was closed while the process ended.
    @Test func `after a run its thread holds nothing any more`() throws {
        let video = try media.video("a.mp4")
        let encoders = ModelLoading(
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

    @Test func `treated and plain embeddings of a file do not mix`() throws {
        let store = try EmbeddingStore(path: media.folder.path("store.sqlite"))
        let video = try media.video("a.mp4")
        let encoders = ModelLoading(
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
        // From the store, in another order.
        #expect(try embeddings(kinds.reversed()) == first.reversed())
    }

    /// The decoding thread has come to the end of both streams before the first batch is done.
    @Test func `in real time the newest clips wait, the others are dropped`() throws {
        let encoders = ModelLoading(
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
        let left = Mutex(pipes.map { Request(input: $0) }[...])
        let isRead = DispatchSemaphore(value: 0)
        var clips: [String: [Int]] = [:]
        var dropped: [String: Int] = [:]
        var hasWaited = false
        try pipeline.run(next: {
            let request = left.withLock { $0.popFirst() }
            if request == nil { isRead.signal() }
            return request
        }) { events in
            if !hasWaited {
                #expect(isRead.wait(timeout: .now() + LiveRun.patience) == .success)
                hasWaited = true
            }
            for event in events {
                switch event {
                case .clip(let input, let clip):
                    #expect(input.isLive)
                    clips[input.request.input, default: []].append(clip.indices[0])
                case .dropped(let request, let count):
                    dropped[request.input, default: 0] += count
                case .end(_, .finished(let summary, _)): #expect(summary.frameCount == 48)
                case .end(_, .failed(let reason)): Issue.record("\(reason)")
                }
            }
        }
        for writer in writers { #expect(try writer.end() == 0) }
        // One was being encoded, two were in the queue.
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
        let left = Mutex(requests[...])
        var clips: [EncodedClip] = []
        try pipeline.run(next: { left.withLock { $0.popFirst() } }) {
            for case .clip(_, let clip) in $0 { clips.append(clip) }
        }
        return clips
    }
}
