import Encoders
import Foundation
import Frames
import Metrics
import Pipeline
import Scoring
import Tensors
import TestModels
import TestSupport
import Testing
import TextFormats

/// The probabilities of Q16's own code with the small CLIP; values by `fixtures/metrics/q16.py`.
@Suite(.serialized) struct Q16Tests {
    private struct Golden: Decodable {
        struct Picture: Decodable {
            var width: Int
            var height: Int
            var seed: UInt32
            var probability: Double
        }

        var images: [Picture]
        var rows: [Double]
    }

    private struct Merges: Decodable { var merges: [String] }

    /// Q16's own vectors, which the project does not contain.
    private static let published = Fixture.fetched("prompts.p")

    private let folder: TemporaryFolder
    private let golden: Golden

    init() throws {
        folder = try TemporaryFolder()
        golden = try Fixture.decode("metrics/q16.json")
    }

    private func files(prompts: String) throws -> [String: MetricFiles] {
        let cosines: Merges = try Fixture.decode("metrics/cosines.json")
        return try TinyCLIP.files(in: folder, merges: cosines.merges)
            .merging(["q16-l14": MetricFiles(encoder: .init(name: "q16-l14", weights: prompts))]) {
                $1
            }
    }

    /// Q16 with the small CLIP.
    private static func metric() throws -> Metric {
        let q16 = try Metric.named("q16")
        return Metric(
            "q16", "", source: "", encoder: "tiny", head: q16.head,
            preprocessing: TinyCLIP.preprocessing, measure: q16.measure)
    }

    @Test func `probabilities are those of Q16`() throws {
        let evaluation = try MetricEvaluation(
            [Self.metric()], loading: ModelLoader(precision: .f32, threadCount: 2),
            files: files(prompts: Fixture.path("metrics/q16-prompts.p")))
        let inputs = try golden.images.enumerated().map { index, image in
            let header = Array("P6 \(image.width) \(image.height) 255\n".utf8)
            return try folder.write(
                header + noise(width: image.width, height: image.height, seed: image.seed),
                to: "\(index).ppm")
        }
        var rows: [ScoreRow] = []
        try evaluation.run(RequestSource(inputs: inputs)) { rows.append($1) }
        #expect(rows.count == golden.images.count)
        for (row, image) in zip(rows, golden.images) {
            let value = try #require(row.metrics?.first?.value, "\(row)")
            print("q16: \(value), \(image.probability), \(value - image.probability)")
            // A cosine of embeddings in single precision differs by 1e-7, and is multiplied by 100.
            #expect(abs(value - image.probability) < 1e-5)
        }
        let summary = try MetricSummary(rows: rows)
        let inappropriate = golden.images.count { $0.probability > 0.5 }
        #expect(summary.lines[0].share == Double(inappropriate) / Double(golden.images.count))
        #expect(summary.json.description.contains("\"share\":0.5"))
        #expect(summary.table.contains("share"))
    }

    @Test func `vectors of another shape or without length are refused`() throws {
        let wide = Fixture.path("tensors/array-3.pkl")
        let zero = folder.path("zero.safetensors")
        try Safetensors.write(
            stored: ["array": StoredTensor([Float](repeating: 0, count: 80), shape: [2, 40])],
            to: zero)
        for prompts in [wide, zero] {
            #expect(throws: EncoderError.self) {
                try MetricEvaluation(
                    [Self.metric()], loading: ModelLoader(precision: .f32),
                    files: files(prompts: prompts))
            }
        }
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: published)))
    func `Q16's vectors give its probabilities of any embedding`() throws {
        let head = try TunedPromptHead(WeightFile.open(Self.published), width: 768)
        for (index, expected) in golden.rows.enumerated() {
            let numbers = SplitMix.numbers("q16-\(index)", count: 768, scale: 1)
            let length = numbers.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            let value = head(numbers.map { Float(Double($0) / length) })
            print("q16, published vectors: \(value), \(expected), \(value - expected)")
            #expect(abs(value - expected) < 1e-6)
        }
    }
}
