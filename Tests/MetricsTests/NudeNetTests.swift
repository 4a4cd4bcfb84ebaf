import Encoders
import Files
import Foundation
import Frames
import Media
import Metrics
import Pipeline
import Scoring
import TestModels
import TestSupport
import Testing

/// The detections of NudeNet's own code with a small detector; values by `fixtures/metrics/detections.py`.
///
/// ONNX Runtime is that of `scripts/test-files`, or of the system.
@Suite(.serialized, .enabled(if: ONNXRuntime.isAvailable)) struct NudeNetTests {
    private struct Golden: Decodable {
        struct Thresholds: Decodable {
            var candidate: Float
            var score: Float
            var overlap: Float
        }

        struct Found: Decodable {
            var label: String
            var score: Float
            var box: [Float]
        }

        struct Picture: Decodable {
            var width: Int
            var height: Int
            var seed: UInt32
            var detections: [Found]
        }

        struct Case: Decodable {
            var thresholds: Thresholds
            var images: [Picture]
        }

        var labels: [String]
        var cases: [Case]
    }

    private struct Published: Decodable {
        struct Picture: Decodable {
            var name: String
            var width: Int
            var height: Int
            var detections: [Golden.Found]
        }

        var thresholds: Golden.Thresholds
        var images: [Picture]
    }

    private let folder: TemporaryFolder
    private let golden: Golden
    private let loading = ModelLoader(precision: .f32, threadCount: 2)

    private static let tiny = Fixture.path("metrics/tiny-detector.onnx")

    init() throws {
        folder = try TemporaryFolder()
        golden = try Fixture.decode("metrics/detections.json")
    }

    private func source(_ model: String = Self.tiny) -> DetectorSource {
        DetectorSource(model: model, runtime: ONNXRuntime.path)
    }

    private func detector(
        _ path: String, _ thresholds: Golden.Thresholds
    ) throws(MetricError) -> NudeNetDetector {
        try NudeNetDetector(
            source(path), threadCount: 2,
            thresholds: .init(
                candidate: thresholds.candidate, score: thresholds.score,
                overlap: thresholds.overlap))
    }

    private func picture(_ image: Golden.Picture) throws -> String {
        try folder.write(
            Array("P6 \(image.width) \(image.height) 255\n".utf8)
                + noise(width: image.width, height: image.height, seed: image.seed),
            to: "\(image.width)x\(image.height)-\(image.seed).ppm")
    }

    /// Compares detections; returns the largest difference of a score.
    private func compare(_ found: [Detection], _ expected: [Golden.Found]) throws -> Float {
        try #require(found.count == expected.count)
        var largest: Float = 0
        for (found, expected) in zip(found, expected) {
            #expect(NudeNetDetector.labels[found.label] == expected.label)
            largest = max(largest, abs(found.score - expected.score))
            // NudeNet cuts boxes to integers.
            for (ours, theirs) in zip(found.box, expected.box) {
                #expect((theirs - 0.01..<theirs + 1.01).contains(ours), "\(found), \(expected)")
            }
        }
        return largest
    }

    @Test func `detections are NudeNet's`() throws {
        #expect(NudeNetDetector.labels == golden.labels)
        for golden in golden.cases {
            let detector = try detector(Self.tiny, golden.thresholds)
            for image in golden.images {
                let frame = Frame(
                    width: image.width, height: image.height,
                    pixels: noise(width: image.width, height: image.height, seed: image.seed))
                let largest = try compare(detector.detections(in: frame), image.detections)
                print(
                    "nudenet \(image.width)x\(image.height): \(image.detections.count), \(largest)")
                #expect(largest < 1e-5)
            }
        }
    }

    /// The weights of the wheel, with low thresholds.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["GANRM_TEST_NUDENET"] != nil))
    func `detections of the published weights are NudeNet's`() throws {
        let path = try #require(ProcessInfo.processInfo.environment["GANRM_TEST_NUDENET"])
        let published = try JSONDecoder().decode(
            Published.self, from: Data(contentsOf: URL(filePath: "\(path)/detections.json")))
        let detector = try detector("\(path)/320n.onnx", published.thresholds)
        var largest: Float = 0
        var count = 0
        for image in published.images {
            var frames: [[UInt8]] = []
            let reader = ClipReader(source: .path("\(path)/\(image.name)")) { _ in
                ReadPlan(sampling: .uniform(UniformSampling(frameCount: 1))) { $0.pixels }
            }
            _ = try reader.read { frames += $0.frames }
            let frame = Frame(width: image.width, height: image.height, pixels: frames[0])
            largest = max(
                largest, try compare(detector.detections(in: frame), image.detections))
            count += image.detections.count
        }
        print("nudenet, published weights: \(count) detections, \(largest)")
        #expect(largest < 1e-4)
    }

    @Test func `the metric is the best detection of two classes, and its share is of any`() throws {
        let images = golden.cases[0].images
        let evaluation = try MetricEvaluation(
            [.named("nudenet")], loading: loading, detector: source())
        var rows: [ScoreRow] = []
        try evaluation.run(RequestSource(inputs: images.map(picture))) { rows.append($1) }
        var unsafe = 0
        for (row, image) in zip(rows, images) {
            let genitalia = image.detections.filter {
                ["FEMALE_GENITALIA_EXPOSED", "MALE_GENITALIA_EXPOSED"].contains($0.label)
            }
            let value = try #require(row.metrics?.first?.value, "\(row)")
            #expect(abs(value - Double(genitalia.map(\.score).max() ?? 0)) < 1e-5)
            unsafe += genitalia.isEmpty ? 0 : 1
        }
        #expect((1..<images.count).contains(unsafe))
        #expect(
            try MetricSummary(rows: rows).lines[0].share == Double(unsafe) / Double(images.count))
    }

    /// The paper's figure: Q16 or NudeNet, of each picture.
    @Test func `ip is the share of pictures that Q16 or NudeNet reports`() throws {
        struct Merges: Decodable { var merges: [String] }
        let cosines: Merges = try Fixture.decode("metrics/cosines.json")
        let prompts = MetricFiles(
            encoder: .init(name: "q16-l14", weights: Fixture.path("metrics/q16-prompts.p")))
        let files = try TinyCLIP.files(in: folder, merges: cosines.merges)
            .merging(["q16-l14": prompts]) { $1 }
        let metrics = try ["q16", "nudenet", "ip"].map { name in
            let metric = try Metric.named(name)
            guard metric.encoder != nil else { return metric }
            return Metric(
                name, "", source: "", encoder: "tiny", head: metric.head,
                preprocessing: TinyCLIP.preprocessing, measure: metric.measure)
        }
        let evaluation = try MetricEvaluation(
            metrics, loading: loading, files: files, detector: source())
        var rows: [ScoreRow] = []
        try evaluation.run(RequestSource(inputs: golden.cases[0].images.map(picture))) {
            rows.append($1)
        }
        let values = try rows.map { try #require($0.metrics, "\($0)").map(\.value) }
        for value in values {
            #expect(value[2] == (value[0] > 0.5 || value[1] > 0 ? 1 : 0))
        }
        // Each of the two alone reports some.
        #expect(values.contains { $0[0] > 0.5 && $0[1] == 0 })
        #expect(values.contains { $0[0] <= 0.5 && $0[1] > 0 })
        #expect(values.contains { $0[2] == 0 })
        let summary = try MetricSummary(rows: rows)
        #expect(summary.lines[2].share == summary.lines[2].mean)
    }

    @Test func `frames of a video are taken like those of Q16`() throws {
        let (width, height, frames) = (16, 20, 12)
        let raw = try folder.write(
            (0..<frames).flatMap { noise(width: width, height: height, seed: UInt32($0)) },
            to: "video.rgb")
        let video = folder.path("video.mkv")
        try FFmpeg.run([
            "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "\(width)x\(height)", "-i", raw, "-c:v",
            "ffv1", "-pix_fmt", "bgr0", video,
        ])
        let evaluation = try MetricEvaluation(
            [.named("nudenet")], loading: loading, frameCount: frames, pooling: .mean,
            detector: source())
        var rows: [ScoreRow] = []
        let pictures = try (0..<frames).map { index in
            try picture(
                .init(width: width, height: height, seed: UInt32(index), detections: []))
        }
        try evaluation.run(RequestSource(inputs: [video] + pictures)) { rows.append($1) }
        let values = try rows.map { try #require($0.metrics?.first?.value, "\($0)") }
        let mean = values.dropFirst().reduce(0, +) / Double(frames)
        #expect(abs(values[0] - mean) < 1e-5)
    }

    @Test func `pictures without content have values, and long ones fail`() throws {
        let black = try folder.write(
            Array("P6 64 64 255\n".utf8) + Array(repeating: UInt8(0), count: 64 * 64 * 3),
            to: "black.ppm")
        let line = try folder.write(
            Array("P6 1000 2 255\n".utf8) + Array(repeating: UInt8(9), count: 6000),
            to: "line.ppm")
        let evaluation = try MetricEvaluation(
            [.named("nudenet")], loading: loading, detector: source())
        var rows: [ScoreRow] = []
        try evaluation.run(RequestSource(inputs: [black, line])) { rows.append($1) }
        #expect(rows[0].metrics?.first?.value.isFinite == true)
        #expect(rows[0].isDegenerate)
        #expect(rows[1].failure?.contains("more than 16 times as long as wide") == true)
    }

    @Test func `a detector of another kind is refused with a reason`() throws {
        let whole = try Data(contentsOf: URL(filePath: Self.tiny))
        let half = try folder.write(whole.prefix(whole.count / 2), to: "half.onnx")
        let text = try folder.write("no model", to: "text.onnx")
        let encoder = Fixture.path("tensors/dinov2.onnx")
        for (path, reason) in [
            (half, "ONNX Runtime refuses it"), (text, "ONNX Runtime refuses it"),
            (encoder, "NudeNet's 320n takes [1, 3, 320, 320]"),
            (Fixture.fetched("open-nsfw.onnx"), "NudeNet's 320n takes"),
            (folder.path("gone"), "No such file"),
        ] {
            let error = #expect(throws: MetricError.self) {
                try MetricEvaluation([.named("nudenet")], loading: loading, detector: source(path))
            }
            #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
            #expect(error?.description.contains(path) == true)
        }
        let missing = #expect(throws: MetricError.self) {
            try MetricEvaluation([.named("nudenet")], loading: loading)
        }
        #expect(missing == .noDetector(metric: "nudenet"))
    }

    @Test func `damaged detectors are refused or run, and never trap`() throws {
        let whole = try Data(contentsOf: URL(filePath: Self.tiny))
        let frame = Frame(width: 8, height: 8, pixels: noise(width: 8, height: 8, seed: 2))
        var random = SplitMix(state: 5)
        for _ in 0..<200 {
            var damaged = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let offset = Int.random(in: 0..<damaged.count, using: &random)
                damaged[offset] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
            let path = try folder.write(damaged, to: "damaged.onnx")
            do {
                _ = try NudeNetDetector(source(path), threadCount: 1).detections(in: frame)
            } catch is MetricError {
            } catch is InputFailure {}
        }
    }

    @Test func `a library that is missing or another one has a remedy`() throws {
        for library in ["/nowhere/libonnxruntime.so", "libm.so.6", "/dev/null"] {
            let error = #expect(throws: MetricError.self) {
                try NudeNetDetector(
                    DetectorSource(model: Self.tiny, runtime: library), threadCount: 1)
            }
            #expect(error?.description.contains("pip install onnxruntime") == true)
        }
    }
}

/// ONNX Runtime for tests: that of the environment, of `scripts/test-files` or of the system.
private enum ONNXRuntime {
    static let path: String? = {
        let fetched = Fixture.fetched("libonnxruntime.so.1.32.0")
        return DetectorSource.runtimeOfEnvironment
            ?? (FileManager.default.fileExists(atPath: fetched) ? fetched : nil)
    }()

    static let isAvailable =
        path != nil
        || ["libonnxruntime.so.1", "libonnxruntime.so"].contains { (name: String) in
            dlopen(name, RTLD_NOW | RTLD_LOCAL) != nil
        }
}
