import Encoders
import Foundation
import Metrics
import ModelCatalogue
import Pipeline
import Scoring
import Tensors
import Testing
import TestModels
import TestSupport
import TextFormats
import Tokenizers

/// Metrics with the small model of `fixtures/encoders/text.py`, compared with the reference; values by
/// `fixtures/metrics/cosines.py`.
@Suite(.serialized) struct MetricEvaluationTests {
    private struct Golden: Decodable {
        struct Row: Decodable {
            var width: Int
            var height: Int
            var seed: UInt32
            var prefix: String
            var prompt: String
            var cosine: Double
        }

        var merges: [String]
        var logitScale: Double
        var rows: [Row]
        /// With the preprocessing of HPSv2.
        var hpsRows: [Row]
    }

    private let folder: TemporaryFolder
    private let golden: Golden
    private let files: [String: MetricFiles]

    init() throws {
        folder = try TemporaryFolder()
        golden = try Fixture.decode("metrics/cosines.json")
        files = try TinyCLIP.files(in: folder, merges: golden.merges)
    }

    private static func metric(
        _ name: String, prefix: String = "",
        _ scale: PromptSimilarity.Scale = .factor(1, clipsAtZero: false)
    ) -> Metric {
        Metric(name, "", source: "", encoder: "tiny", prefix: prefix, scale: scale)
    }

    private static let cosine = metric("cosine")
    private static let clipScore = metric(
        "clipscore", prefix: "A photo depicts ", .factor(2.5, clipsAtZero: true))
    private static let learned = metric("learned", .learned)

    private func rows(
        _ metrics: [Metric], _ inputs: [String], prompt: String, frames: Int = 8,
        pooling: FramePooling = .mean
    ) throws -> [ScoreRow] {
        var rows: [ScoreRow] = []
        let evaluation = try MetricEvaluation(
            metrics, loading: ModelLoader(precision: .f32, threadCount: 2), files: files,
            frameCount: frames,
            pooling: pooling)
        try evaluation.run(RequestSource(inputs: inputs), prompts: PromptAssignment(common: prompt))
        { rows.append($1) }
        return rows
    }

    private func image(_ width: Int, _ height: Int, seed: UInt32) throws -> String {
        let header = Array("P6 \(width) \(height) 255\n".utf8)
        return try folder.write(
            header + noise(width: width, height: height, seed: seed),
            to: "\(width)x\(height)-\(seed).ppm")
    }

    @Test func `values are those of the reference`() throws {
        let images = try Dictionary(grouping: golden.rows, by: \.prompt).mapValues { rows in
            try rows.map { try image($0.width, $0.height, seed: $0.seed) }
        }
        for (prompt, inputs) in images {
            let unique = inputs.enumerated().filter {
                inputs[..<$0.offset].firstIndex(of: $0.element) == nil
            }
            .map(\.element)
            let found = try rows(
                [Self.cosine, Self.clipScore, Self.learned], unique, prompt: prompt)
            for (row, input) in zip(found, unique) {
                let metrics = try #require(row.metrics, "\(row)")
                func expected(_ prefix: String) throws -> Double {
                    try #require(
                        golden.rows.first {
                            $0.prompt == prompt && $0.prefix == prefix
                                && input.hasSuffix("/\($0.width)x\($0.height)-\($0.seed).ppm")
                        }
                    ).cosine
                }
                let values = [
                    try expected(""), 2.5 * max(try expected("A photo depicts "), 0),
                    golden.logitScale * (try expected("")),
                ]
                #expect(metrics.map(\.name) == ["cosine", "clipscore", "learned"])
                for (metric, value) in zip(metrics, values) {
                    #expect(
                        abs(metric.value - value) < 2e-5, "\(metric.name) of \(input), \(prompt)")
                }
                #expect(row.isPromptTruncated == (prompt.count > 77))
            }
        }
    }

    @Test func `HPS resizes in floating point, and is the reference's`() throws {
        let entry = try Catalogue.entry(named: "hps-v2.1")
        var preprocessing = try #require(entry.preprocessing)
        (preprocessing.size, preprocessing.crop) = (35, 35)
        let hps = Metric(
            "hps", "", source: "", encoder: "tiny", preprocessing: preprocessing,
            measure: try Metric.named("hps@2.1").measure)
        for (prompt, golden) in Dictionary(grouping: golden.hpsRows, by: \.prompt) {
            let inputs = try golden.map { try image($0.width, $0.height, seed: $0.seed) }
            for (row, golden) in try zip(rows([hps], inputs, prompt: prompt), golden) {
                let value = try #require(row.metrics?.first?.value, "\(row)")
                #expect(abs(value - golden.cosine) < 2e-5, "\(golden)")
            }
        }
    }

    @Test func `an input that fails after an interruption has no row, so that it is read again`()
        throws
    {
        let evaluation = try MetricEvaluation(
            [Self.cosine], loading: ModelLoader(precision: .f32, threadCount: 2), files: files)
        let inputs = [try image(40, 40, seed: 1), folder.path("missing.png")]
        let interruption = Interruption()
        var rows: [ScoreRow] = []
        try evaluation.run(
            RequestSource(inputs.map { Request(input: $0) }),
            prompts: PromptAssignment(common: "a fox"), interruption: interruption
        ) {
            rows.append($1)
            interruption.request()
        }
        #expect(rows.map(\.input) == [inputs[0]])
    }

    @Test func `a line that is no request says so, rather than that its prompt is missing`() throws
    {
        let list = try folder.write("{\"input\":\"a.png\",\"prompt\":\"a fox\"\n", to: "list.jsonl")
        let evaluation = try MetricEvaluation(
            [Self.cosine], loading: ModelLoader(precision: .f32, threadCount: 2), files: files)
        var rows: [ScoreRow] = []
        try evaluation.run(RequestSource(inputs: [], list: list)) { rows.append($1) }
        #expect(rows.count == 1 && rows[0].failure?.contains("not valid JSON") == true)
    }

    @Test func `what waits is taken without waiting for more, and has the metrics it asks for`()
        throws
    {
        let metrics = [Self.cosine, Self.clipScore]
        let pictures = try (1...3).map { try image(40, 40, seed: UInt32($0)) }
        let expected = try rows(metrics, pictures, prompt: "a fox")
        let evaluation = try MetricEvaluation(
            metrics, loading: ModelLoader(precision: .f32, threadCount: 2), files: files)
        var some = Request(input: pictures[1])
        some.metrics = ["clipscore"]
        // Nil is an empty queue.
        var waiting: [Request?] = [
            Request(input: pictures[0]), some, nil, Request(input: pictures[2]), nil, nil,
        ]
        var found: [ScoreRow] = []
        try evaluation.run(
            next: { waits in
                // Whoever waits has all rows of what was there before.
                if waits { #expect(found.count == [6: 0, 3: 2, 1: 3][waiting.count]) }
                return waiting.removeFirst()
            }, prompts: PromptAssignment(common: "a fox")
        ) { found.append($1) }
        #expect(waiting.isEmpty && found.map(\.input) == pictures)
        #expect([found[0], found[2]] == [expected[0], expected[2]])
        #expect(found[1].metrics?.map(\.name) == ["clipscore"])
        #expect(found[1].metrics?[0].value == expected[1].metrics?[1].value)
    }

    @Test func `transparency is dropped, where HPSv2 fails with a fourth channel`() throws {
        let opaque = try image(48, 40, seed: 4)
        let transparent = folder.path("transparent.png")
        try FFmpeg.run(["-i", opaque, "-vf", "format=rgba,colorchannelmixer=aa=0.3", transparent])
        let values = try rows([Self.cosine], [opaque, transparent], prompt: "a fox").map {
            try #require($0.metrics?.first?.value)
        }
        #expect(values[0] == values[1])
    }

    @Test func `a video has the mean, the first, the last or the least of its frames`() throws {
        let frames = try (0..<5).map { try image(48, 48, seed: UInt32(20 + $0)) }
        let values = try rows([Self.cosine], frames, prompt: "a fox").map {
            try #require($0.metrics?[0].value)
        }
        let video = folder.path("video.mkv")
        let bytes = (0..<5).flatMap { noise(width: 48, height: 48, seed: UInt32(20 + $0)) }
        let raw = try folder.write(bytes, to: "video.rgb")
        try FFmpeg.run([
            "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "48x48", "-i", raw, "-c:v", "ffv1",
            "-pix_fmt",
            "bgr0", video,
        ])
        func value(_ pooling: FramePooling, frames: Int = 8) throws -> Double {
            let row = try #require(
                try rows([Self.cosine], [video], prompt: "a fox", frames: frames, pooling: pooling)
                    .first)
            return try #require(row.metrics?[0].value, "\(row)")
        }
        #expect(try abs(value(.mean) - values.reduce(0, +) / 5) < 1e-6)
        #expect(try value(.first) == values[0])
        #expect(try value(.last) == values[4])
        #expect(try value(.least) == values.min())
        #expect(try value(.mean, frames: 1) == values[2])
    }

    @Test func `what has no values has a row with an error`() throws {
        let picture = try image(48, 48, seed: 3)
        let text = try folder.write("no picture", to: "text.png")
        let list = try folder.write(
            """
            {"input":"\(picture)","prompt":"a fox","id":1}
            {"input":"\(text)","prompt":"a fox","id":2}
            {"input":"\(picture)","id":3}
            {"input":"\(picture)","prompt":7,"id":4}
            {"input":"/no/such/file.png","prompt":"a fox","id":5}
            {"input":"\(picture)","prompt":"","id":6}
            """, to: "list.jsonl")
        let evaluation = try MetricEvaluation(
            [Self.cosine], loading: ModelLoader(precision: .f32), files: files)
        var rows: [ScoreRow] = []
        try evaluation.run(RequestSource(inputs: [], list: list)) { rows.append($1) }
        #expect(rows.map { $0["id"]?.integerValue } == [1, 2, 3, 4, 5, 6])
        #expect(rows.map(\.hasFailed) == [false, true, true, true, true, false])
        #expect(rows.map { $0.metrics != nil } == [true, false, false, false, false, true])
        #expect(rows[2].failure?.contains("has no prompt") == true)
    }

    @Test func `black is told as such`() throws {
        let black = try folder.write(
            Array("P6 48 48 255\n".utf8) + [UInt8](repeating: 0, count: 48 * 48 * 3),
            to: "black.ppm")
        let row = try #require(try rows([Self.cosine], [black], prompt: "a fox").first)
        #expect(row.isDegenerate)
    }

    @Test func `rows of other metrics, poolings and frames are not of the same run`() throws {
        let picture = try image(48, 48, seed: 3)
        func evaluation(_ metrics: [Metric], pooling: FramePooling = .mean) throws
            -> MetricEvaluation
        {
            try MetricEvaluation(
                metrics, loading: ModelLoader(precision: .f32), files: files, pooling: pooling)
        }
        let row = try #require(try rows([Self.cosine], [picture], prompt: "a fox").first)
        let signature = try evaluation([Self.cosine]).signature(like: row)
        #expect(row.signature == signature)
        #expect(try evaluation([Self.cosine], pooling: .least).signature(like: row) != signature)
        #expect(try evaluation([Self.clipScore]).signature(like: row) != signature)
        let other = try rows([Self.clipScore], [picture], prompt: "a fox")
        #expect(throws: MetricError.self) { try MetricSummary(rows: [row] + other) }
    }

    @Test func `weights without a logit scale have no PickScore`() throws {
        let source = try #require(files["tiny"])
        let weights = try WeightFile.open(try #require(source.encoder.weights))
        let path = folder.path("without.safetensors")
        try Safetensors.write(stored: weights.tensors.filter { $0.key != "logit_scale" }, to: path)
        let files = [
            "tiny": MetricFiles(
                encoder: .init(name: source.encoder.name, weights: path),
                vocabulary: source.vocabulary)
        ]
        #expect(throws: MetricError.noLogitScale(metric: "learned", encoder: source.encoder.name)) {
            try MetricEvaluation([Self.learned], loading: ModelLoader(), files: files)
        }
    }
}
