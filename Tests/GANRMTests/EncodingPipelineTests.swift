import Encoders
import Foundation
import GANRM
import Media
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

    private func run(
        _ inputs: [String], encoders: EncoderSet, store: EmbeddingStore?
    ) throws -> [EncodedClip] {
        let pipeline = EncodingPipeline(
            encoders: encoders,
            samplingPlan: SamplingPlan(.uniform(UniformSampling(frameCount: 4))),
            store: store)
        let left = Mutex(inputs[...])
        var clips: [EncodedClip] = []
        try pipeline.run(next: { left.withLock { $0.popFirst() }.map { Request(input: $0) } }) {
            for case .clip(_, let clip) in $0 { clips.append(clip) }
        }
        return clips
    }
}
