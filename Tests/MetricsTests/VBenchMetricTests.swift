import Encoders
import Foundation
import Frames
import Metrics
import Pipeline
import Scoring
import TestModels
import TestSupport
import Testing
import TextFormats

/// Dimensions of VBench that need no detector, compared with VBench's own functions; values by
/// `fixtures/metrics/vbench.py`.
@Suite(.serialized) struct VBenchMetricTests {
    private struct Golden: Decodable {
        struct Video: Decodable {
            var width: Int
            var height: Int
            var seeds: [UInt32]
        }

        struct Style: Decodable {
            var style: String
            var values: [String: Double]
        }

        var videos: [String: Video]
        var flickering: [String: Double]
        var background: [String: Double]
        var subject: [String: Double]
        var styles: [Style]

        enum CodingKeys: String, CodingKey {
            case videos
            case flickering = "temporal_flickering"
            case background = "background_consistency"
            case subject = "subject_consistency"
            case styles = "appearance_style"
        }
    }

    private struct Merges: Decodable { var merges: [String] }

    private let folder: TemporaryFolder
    private let golden: Golden
    private let files: [String: MetricFiles]
    private let names: [String]

    init() throws {
        folder = try TemporaryFolder()
        golden = try Fixture.decode("metrics/vbench.json", keys: .useDefaultKeys)
        let cosines: Merges = try Fixture.decode("metrics/cosines.json")
        files = try TinyCLIP.files(in: folder, merges: cosines.merges)
            .merging(Self.tinyDINO(in: folder)) { $1 }
        names = golden.videos.keys.sorted()
    }

    /// The small DINO of `fixtures/metrics/vbench.py`, with DINO's own names of weights.
    private static func tinyDINO(in folder: TemporaryFolder) throws -> [String: MetricFiles] {
        let description = EncoderDescription(
            name: "tiny-dino",
            configuration: .transformer(
                .init(
                    imageSize: 32, patchSize: 4, width: 32, layers: 2, heads: 2, activation: .gelu,
                    layerNormEpsilon: 1e-6, normalisesInput: false, normalisesOutput: true,
                    hasPatchBias: true)),
            preprocessing: try subjectPreprocessing())
        let path = folder.path("tiny-dino.json")
        try JSONEncoder().encode(description).write(to: URL(filePath: path))
        let weights = Fixture.path("metrics/tiny-dino.safetensors")
        return ["tiny-dino": MetricFiles(encoder: .init(name: path, weights: weights))]
    }

    private static func subjectPreprocessing() throws -> Preprocessing {
        var preprocessing = try #require(Metric.named("subject_consistency").preprocessing)
        (preprocessing.size, preprocessing.crop) = (32, 32)
        return preprocessing
    }

    private static func subject() throws -> Metric {
        let metric = try Metric.named("subject_consistency")
        return Metric(
            metric.name, "", source: "", encoder: "tiny-dino",
            preprocessing: try subjectPreprocessing(), measure: metric.measure,
            takesAllFrames: metric.takesAllFrames)
    }

    /// Writes frames of noise to a lossless video.
    private func video(_ name: String, _ video: Golden.Video) throws -> String {
        let bytes = video.seeds.flatMap {
            noise(width: video.width, height: video.height, seed: $0)
        }
        let raw = try folder.write(bytes, to: "\(name).rgb")
        let path = folder.path("\(name).mkv")
        try FFmpeg.run([
            "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "\(video.width)x\(video.height)", "-i",
            raw, "-c:v", "ffv1", "-pix_fmt", "bgr0", path,
        ])
        return path
    }

    private func videos() throws -> [String] {
        try names.map { try video($0, #require(golden.videos[$0])) }
    }

    /// A metric with the small CLIP in place of its encoder.
    private func small(_ name: String) throws -> Metric {
        let metric = try Metric.named(name)
        var preprocessing = try #require(metric.preprocessing)
        (preprocessing.size, preprocessing.crop) = (35, 35)
        return Metric(
            name, "", source: "", encoder: "tiny", preprocessing: preprocessing,
            measure: metric.measure, takesAllFrames: metric.takesAllFrames)
    }

    private func rows(
        _ metrics: [Metric], _ inputs: [String], prompt: String = "a fox", frames: Int = 8
    ) throws -> [ScoreRow] {
        var rows: [ScoreRow] = []
        let evaluation = try MetricEvaluation(
            metrics, loading: ModelLoader(precision: .f32, threadCount: 2), files: files,
            frameCount: frames)
        try evaluation.run(RequestSource(inputs: inputs), prompts: PromptAssignment(common: prompt))
        { rows.append($1) }
        return rows
    }

    private func value(_ row: ScoreRow) throws -> Double {
        try #require(row.metrics?.first?.value, "\(row)")
    }

    @Test func `flickering is VBench's, of all frames whatever their number`() throws {
        let flickering = try Metric.named("temporal_flickering")
        for frames in [1, 8] {
            for (name, row) in zip(names, try rows([flickering], videos(), frames: frames)) {
                let expected = try #require(golden.flickering[name])
                print("temporal_flickering, \(name): \(try value(row)), \(expected)")
                // Rows have single precision, and VBench's means, too.
                #expect(abs(try value(row) - expected) < 1e-6)
            }
        }
    }

    @Test func `consistency is VBench's, of all frames whatever their number`() throws {
        let consistency = try small("background_consistency")
        for frames in [1, 8] {
            for (name, row) in zip(names, try rows([consistency], videos(), frames: frames)) {
                let expected = try #require(golden.background[name])
                print("background_consistency, \(name): \(try value(row)), \(expected)")
                #expect(abs(try value(row) - expected) < 2e-5)
            }
        }
    }

    @Test func `consistency of whole frames is VBench's, with DINO's positions for their shape`()
        throws
    {
        for (name, row) in zip(names, try rows([Self.subject()], videos(), frames: 1)) {
            let expected = try #require(golden.subject[name])
            print("subject_consistency, \(name): \(try value(row)), \(expected)")
            #expect(abs(try value(row) - expected) < 2e-5)
        }
    }

    /// More frames than are encoded at once, of which the last ones are fewer.
    @Test func `a frame has the same embedding in every batch`() throws {
        let seeds = (0..<19).map { UInt32(2 * ($0 % 5)) }
        let video = try video("long", .init(width: 48, height: 36, seeds: seeds))
        let long = try value(rows([Self.subject()], [video])[0])
        func pair(_ a: UInt32, _ b: UInt32) throws -> Double {
            let short = try self.video(
                "\(a)-\(b)", .init(width: 48, height: 36, seeds: [a, b]))
            return try value(rows([Self.subject()], [short])[0])
        }
        var sum = 0.0
        for (previous, seed) in zip(seeds, seeds.dropFirst()) {
            sum += try (pair(previous, seed) + pair(seeds[0], seed)) / 2
        }
        #expect(abs(long - sum / 18) < 1e-6)
    }

    @Test func `a frame of too odd a shape fails`() throws {
        let thin = try video("thin", .init(width: 8, height: 200, seeds: [2, 4]))
        let row = try rows([Self.subject()], [thin])[0]
        #expect(row.failure?.contains("more than 16 times as long as wide") == true, "\(row)")
    }

    @Test func `style is VBench's, of all frames whatever their number`() throws {
        let style = try small("appearance_style")
        for golden in golden.styles {
            let rows = try rows([style], videos(), prompt: golden.style, frames: 1)
            for (name, row) in zip(names, rows) {
                let expected = try #require(golden.values[name])
                print("appearance_style, \(name): \(try value(row)), \(expected)")
                #expect(abs(try value(row) - expected) < 2e-5)
            }
        }
    }

    /// A frozen video has the best value of each, and VBench leaves such videos out.
    @Test func `a frozen video is told as such, and a slow one is not`() throws {
        let picture = try folder.make("picture.png", source: "mandelbrot=s=128x128", "-frames:v 1")
        let frozen = folder.path("frozen.mp4")
        try FFmpeg.run(["-loop", "1", "-i", picture, "-t", "2", "-pix_fmt", "yuv420p", frozen])
        let slow = folder.path("slow.mp4")
        try FFmpeg.run([
            "-loop", "1", "-i", picture, "-t", "4", "-vf",
            "scale=1280:1280,crop=1200:1200:n/2:n/2,scale=128:128", "-pix_fmt", "yuv420p", slow,
        ])
        for metric in [
            try Metric.named("temporal_flickering"), try small("background_consistency"),
            try Self.subject(),
        ] {
            let found = try rows([metric], [frozen, slow])
            #expect(try value(found[0]) > 0.999)
            #expect(found.map(\.degeneracy) == [.frozen, nil], "\(metric.name): \(found)")
        }
    }

    @Test func `what has no neighbours has a row with an error`() throws {
        let picture = try folder.make("picture.png", source: "testsrc2=s=64x48", "-frames:v 1")
        let short = try folder.make("short.mp4", source: "testsrc2=s=64x48:r=10:d=0.1")
        for (number, width) in [(0, 64), (1, 48)] {
            try folder.make(
                "size-\(number).ppm", source: "testsrc2=s=\(width)x48", "-frames:v 1")
        }
        for metric in [
            try Metric.named("temporal_flickering"), try small("background_consistency"),
            try Self.subject(),
        ] {
            let found = try rows([metric], [picture, short])
            #expect(
                found.map(\.failure) == [
                    "'\(picture)' is a picture, and \(metric.name) compares the frames of a video",
                    "'\(short)' has one frame, and \(metric.name) compares the frames of a video",
                ])
        }
        let change = try rows(
            [.named("temporal_flickering")], [folder.path("size-%d.ppm")])
        #expect(change[0].hasFailed)
    }

    @Test func `rows of all frames do not depend on the number of frames`() throws {
        let video = try videos()[0]
        let metrics = [
            try Metric.named("temporal_flickering"), try small("background_consistency"),
        ]
        let found = try [1, 8].map { try rows(metrics, [video], frames: $0)[0] }
        #expect(found[0] == found[1])
        #expect(found[0].metrics?.map(\.name) == metrics.map(\.name))
    }
}
