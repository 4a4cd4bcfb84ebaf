import Encoders
import Foundation
import Frames
import Metrics
import ModelCatalogue
import Pipeline
import Scoring
import Tensors
import TestModels
import TestSupport
import Testing
import TextFormats

/// ImageReward with small weights, compared with the reference; values by `fixtures/metrics/imagereward.py`.
@Suite(.serialized) struct ImageRewardTests {
    private struct Golden: Decodable {
        struct Row: Decodable {
            var width: Int
            var height: Int
            var seed: UInt32
            var prompt: String
            var reward: Double
        }

        var pieces: [String]
        var rows: [Row]
    }

    private let folder: TemporaryFolder
    private let golden: Golden
    private let files: [String: MetricFiles]
    private let metric: Metric

    init() throws {
        folder = try TemporaryFolder()
        golden = try Fixture.decode("metrics/imagereward.json")
        let vision = VisionTransformerConfiguration(
            imageSize: 32, patchSize: 8, width: 48, layers: 2, heads: 3, activation: .gelu,
            layerNormEpsilon: 1e-6, normalisesInput: false, normalisesOutput: true,
            hasPatchBias: true)
        let text = GroundedTextConfiguration(
            width: 64, layers: 2, heads: 2, hiddenWidth: 96, positionCount: 40,
            vocabularyCount: golden.pieces.count + 2, imageWidth: 48)
        let weights = folder.path("model.safetensors")
        try Safetensors.write(
            stored: BLIPWeights.imageReward(vision: vision, text: text, label: "tiny-imagereward"),
            to: weights)
        var preprocessing = try #require(
            Catalogue.entry(named: "imagereward-v1.0").preprocessing)
        (preprocessing.size, preprocessing.crop) = (32, 32)
        let description = EncoderDescription(
            name: "tiny", configuration: .transformer(vision), preprocessing: preprocessing,
            groundedText: text)
        let path = folder.path("tiny.json")
        try JSONEncoder().encode(description).write(to: URL(filePath: path))
        files = [
            "tiny": MetricFiles(
                encoder: .init(name: path, weights: weights),
                vocabulary: try folder.write(
                    golden.pieces.joined(separator: "\n") + "\n", to: "vocab.txt"))
        ]
        metric = Metric(
            "imagereward", "", source: "", encoder: "tiny",
            measure: try Metric.named("imagereward").measure)
    }

    private func rows(
        _ inputs: [String], prompt: String?, precision: PrecisionChoice = .f32
    ) throws -> [ScoreRow] {
        var rows: [ScoreRow] = []
        let evaluation = try MetricEvaluation(
            [metric], loading: ModelLoader(precision: precision, threadCount: 2), files: files)
        try evaluation.run(
            RequestSource(inputs: inputs), prompts: PromptAssignment(common: prompt)
        ) { rows.append($1) }
        return rows
    }

    private func image(_ row: Golden.Row) throws -> String {
        let header = Array("P6 \(row.width) \(row.height) 255\n".utf8)
        return try folder.write(
            header + noise(width: row.width, height: row.height, seed: row.seed),
            to: "\(row.width)x\(row.height).ppm")
    }

    @Test func `rewards are those of the reference`() throws {
        for (prompt, golden) in Dictionary(grouping: golden.rows, by: \.prompt) {
            for (row, golden) in try zip(rows(golden.map(image), prompt: prompt), golden) {
                let value = try #require(row.metrics?.first?.value, "\(row)")
                #expect(abs(value - golden.reward) < 2e-5, "\(golden)")
                #expect(row.isPromptTruncated == (prompt.count > 100 || prompt.hasPrefix("“")))
                #expect(row.prompt == prompt)
            }
        }
        #expect(Set(golden.rows.map(\.reward)).count == golden.rows.count)
    }

    @Test func `a video has the mean of its frames`() throws {
        let frames = golden.rows.filter { $0.prompt.hasPrefix("lighthouse") && $0.width == 32 }
        let row = try #require(frames.first)
        let value = try #require(
            rows([image(row)], prompt: row.prompt).first?.metrics?.first?.value)
        let video = folder.path("video.mkv")
        try FFmpeg.run([
            "-loop", "1", "-i", image(row), "-frames:v", "70", "-c:v", "ffv1", "-pix_fmt", "bgr0",
            video,
        ])
        let found = try #require(rows([video], prompt: row.prompt).first)
        #expect(abs(try #require(found.metrics?.first?.value) - value) < 1e-9)
        #expect(found.degeneracy != nil)
    }

    @Test func `an input without a prompt fails, and so does half a file`() throws {
        let row = golden.rows[0]
        let picture = try image(row)
        let without = try rows([picture], prompt: nil)
        #expect(without.count == 1 && without[0].metrics == nil)
        #expect(without[0].failure?.contains("prompt") == true)
        let half = try folder.write(
            Array(try Data(contentsOf: URL(filePath: picture)).prefix(40)), to: "half.ppm")
        let found = try rows([half, picture], prompt: row.prompt)
        #expect(found[0].failure != nil && found[0].metrics == nil)
        #expect(
            abs(try #require(found[1].metrics?.first?.value) - row.reward) < 2e-5,
            "a failure before it changes nothing")
    }
}
