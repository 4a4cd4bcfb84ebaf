import Encoders
import Foundation
import Frames
import Media
import Pipeline
import Reward
import Scoring
import Testing
import TestModels
import TestSupport

@Suite struct RewardFilterTests {
    private let model: TinyModel
    private let media: TestMedia

    init() throws {
        model = try TinyModel()
        media = try TestMedia()
    }

    private func scorer() throws -> Scorer {
        let source = EncoderSource(name: model.encoder, weights: model.weights)
        return try ModelLoader(
            sources: [.image: source, .video: source], precision: .f32, threadCount: 2
        ).scorer(model: model.untrainedHead())
    }

    private func frames(of path: String) throws -> [Frame] {
        let reader = try MediaReader(.path(path))
        var frames: [Frame] = []
        while try reader.advance() != nil { frames.append(try reader.frame()) }
        return frames
    }

    /// Logits from the pipeline for the same file.
    private func pipelineLogits(
        _ scorer: Scorer, _ path: String, _ sampling: Sampling
    ) throws -> [Double] {
        let requests = try RequestSource(inputs: [path])
        var logits: [Double] = []
        try scorer.run(
            EncodingPipeline(encoders: scorer.encoders, samplingPlan: SamplingPlan(sampling)),
            next: { requests.next() },
            onEnd: { logits += $0.clips.map(\.score.logit) })
        return logits
    }

    @Test func `pushed frames give the scores of the file`() throws {
        let scorer = try scorer()
        let path = try media.video("clip.mkv", frames: 19)
        var scores: [Double] = []
        func use(_ score: Score) { scores.append(score.logit) }

        let frames = try frames(of: path)
        var filter = try RewardFilter(scorer)
        for frame in frames {
            for clip in try filter.push(frame) { use(clip.score) }
        }
        for clip in try filter.finish() { use(clip.score) }

        #expect(scores.count == 4)
        let window = Sampling.window(WindowSampling(frameCount: 4))
        #expect(try scores == pipelineLogits(scorer, path, window))
    }

    @Test func `the score does not depend on keeping clips`() throws {
        let scorer = try scorer()
        let path = try media.video("clip.mkv", frames: 40)
        let window = SamplingPlan(.window(WindowSampling(frameCount: 4)))
        let results = try [true, false].map { keepsClips in
            let requests = try RequestSource(inputs: [path])
            var results: [InputScore] = []
            try scorer.run(
                EncodingPipeline(encoders: scorer.encoders, samplingPlan: window),
                next: { requests.next() }, keepsClips: keepsClips, onEnd: { results.append($0) })
            return try #require(results.first)
        }
        #expect(results[0].score == results[1].score && results[0].score != nil)
        #expect(results[0].score == Pooling(results[0].clips.map(\.score)).score)
        #expect(results.map(\.clips.count) == [10, 0])
    }

    @Test func `a filter can be reused after the end of a stream`() throws {
        let scorer = try scorer()
        let frames = try frames(of: media.video("clip.mkv", frames: 10))
        var filter = try RewardFilter(scorer, sampling: .uniform(UniformSampling(frameCount: 4)))
        var runs: [[Double]] = []
        for _ in 0..<2 {
            for frame in frames { #expect(try filter.push(frame).isEmpty) }
            runs.append(try filter.finish().map(\.score.logit))
        }
        #expect(runs[0].count == 1 && runs[0] == runs[1])
    }

    @Test func `no frames give no scores`() throws {
        var filter = try RewardFilter(scorer())
        #expect(try filter.finish().isEmpty)
    }

    @Test func `a logit that overflows is an error of the row and of the filter`() throws {
        let source = EncoderSource(name: model.encoder, weights: model.weights)
        let scorer = try ModelLoader(
            sources: [.image: source, .video: source], precision: .f32, threadCount: 2
        ).scorer(model: model.overflowingHead())
        let path = try media.video("clip.mkv", frames: 19)
        var rows: [ScoreRow] = []
        try InputScoring(scorer).run(RequestSource(inputs: [path])) { event in
            if case .ended(_, let row) = event { rows.append(row) }
        }
        #expect(rows.count == 1)
        #expect(rows[0].failure?.contains("which is no number up to 1e+38") == true)
        #expect(!rows[0].description.contains("null"))
        var filter = try RewardFilter(scorer)
        let frames = try frames(of: path)
        #expect(throws: RewardError.self) {
            for frame in frames { _ = try filter.push(frame) }
            _ = try filter.finish()
        }
    }

    @Test func `weights that are not finite are refused, and those that overflow give an error`()
        throws
    {
        let tensor = "vision_model.embeddings.class_embedding"
        for value in [Float.nan, .infinity] {
            let weights = try model.weights(replacing: tensor, by: value)
            let source = EncoderSource(name: model.encoder, weights: weights)
            let error = #expect(throws: EncoderError.self) {
                try ModelLoader(sources: [.video: source], precision: .f32).encoders()
                    .encoder(for: .video)
            }
            #expect(error?.description.contains("infinities or NaNs in 'class_token'") == true)
        }
        let weights = try model.weights(
            replacing: "vision_model.encoder.layers.1.mlp.fc2.weight", by: .greatestFiniteMagnitude)
        let source = EncoderSource(name: model.encoder, weights: weights)
        let encoders = ModelLoader(
            sources: [.image: source, .video: source], precision: .f32
        ).encoders()
        let path = try media.video("clip.mkv", frames: 19)
        var failures: [String?] = []
        let embeddings = try InputEmbedding(
            encoders, defaultSampling: .uniform(UniformSampling(frameCount: 4))
        ).embeddings(of: try RequestSource(inputs: [path])) { event in
            if case .ended(_, let failure) = event { failures.append(failure) }
        }
        #expect(embeddings.vectors.isEmpty)
        #expect(failures.count == 1)
        #expect(failures[0]?.contains("an embedding with infinities or NaNs") == true)
    }
}
