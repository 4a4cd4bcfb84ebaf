import Distances
import Encoders
import Evaluation
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

/// Metrics of nets and of sets, compared with the references; values by `fixtures/metrics/references.py`.
@Suite(.serialized) struct ReferenceMetricTests {
    private struct Golden: Decodable {
        struct Clips: Decodable {
            var reference: [[Int]]
            var other: [[Int]]
        }

        struct Pair: Decodable {
            var images: [[Int]]
            var value: Double
        }

        struct Single: Decodable {
            var image: [Int]
            var value: Double
        }

        struct Head: Decodable {
            var input: [Float]
            var value: Double
        }

        var reference: [[Int]]
        var other: [[Int]]
        var clips: Clips
        var sets: [String: Double]
        var opennsfw: [Single]
        var aesthetic: Head
        var alex: [Pair]
        var vgg: [Pair]

        enum CodingKeys: String, CodingKey {
            case reference, other, clips, sets, opennsfw, aesthetic
            case alex = "lpips@alex"
            case vgg = "lpips@vgg"
        }
    }

    private let folder: TemporaryFolder
    private let golden: Golden
    private let loading = ModelLoader(precision: .f32, threadCount: 2)

    init() throws {
        folder = try TemporaryFolder()
        golden = try Fixture.decode("metrics/references.json", keys: .useDefaultKeys)
    }

    /// Writes the weights of a net and names them.
    private func files(
        _ name: String, _ architecture: ConvolutionalArchitecture
    ) throws -> [String: MetricFiles] {
        let path = folder.path("\(name).safetensors")
        try Safetensors.write(
            stored: try ConvolutionalWeights.file(architecture).tensors, to: path)
        return [name: MetricFiles(encoder: EncoderSource(name: name, weights: path))]
    }

    private func image(_ image: [Int], to name: String) throws -> String {
        let header = Array("P6 \(image[0]) \(image[1]) 255\n".utf8)
        return try folder.write(
            header + noise(width: image[0], height: image[1], seed: UInt32(image[2])), to: name)
    }

    /// Pictures in a folder.
    private func images(_ images: [[Int]], to name: String) throws -> [String] {
        try images.enumerated().map { try image($1, to: "\(name)-\($0).ppm") }
    }

    /// Videos of noise, whose frames have successive seeds.
    private func clips(_ clips: [[Int]], frames: Int = 16, to name: String) throws -> [String] {
        try clips.enumerated().map { index, clip in
            for frame in 0..<frames {
                let number = String(format: "%02d", frame)
                _ = try image(
                    [clip[0], clip[1], clip[2] + frame], to: "\(name)\(index)-\(number).ppm")
            }
            return folder.path("\(name)\(index)-%02d.ppm")
        }
    }

    private func values(
        _ names: [String], _ files: [String: MetricFiles], of inputs: [String],
        from reference: [String], subsetSize: Int = 4
    ) throws -> [SetMetricValue] {
        let evaluation = try SetMetricEvaluation(
            names.map { try Metric.named($0) }, loading: loading, files: files)
        return try evaluation.values(
            of: inputs.map { Request(input: $0) }, from: .inputs(reference),
            kernel: KernelSettings(subsetCount: 1, subsetSize: subsetSize))
    }

    @Test func `Inception distances are those of the references`() throws {
        let files = try files("inception-v3-fid", .inceptionV3)
        let (reference, other) = (
            try images(golden.reference, to: "reference"), try images(golden.other, to: "other")
        )
        let names = ["fid", "fid@clean", "fid@tf"]
        for value in try values(names, files, of: other, from: reference) {
            let expected = try #require(golden.sets[value.metric.name])
            print("\(value.metric.name): \(value.value), \(expected)")
            #expect(abs(value.value - expected) < 1e-5 * expected)
            #expect(value.sampleCount == 4)
            #expect(value.warnings.last?.contains("4 samples of 2048 values are few") == true)
            // It is all noise.
            #expect(value.warnings.first?.contains("4 of 4 samples have no content") == true)
        }
        let kid = try values(["kid"], files, of: other, from: Array(reference.prefix(4)))[0]
        let expected = try #require(golden.sets["kid"])
        print("kid: \(kid.value), \(expected)")
        #expect(abs(kid.value - expected) < 1e-5 * abs(expected))
        #expect(kid.warnings == ["kid: 4 of 4 samples have no content, as black or noise"])
        // A set is at no distance from itself, and black pictures are far away.
        let same = try values(["fid"], files, of: reference, from: reference)[0].value
        #expect(same < 1e-6 * expected.magnitude)
        #expect(throws: DistanceError.self) {
            try values(["fid"], files, of: Array(other.prefix(1)), from: reference)
        }
    }

    @Test func `statistics take the place of their samples`() throws {
        let files = try files("inception-v3-fid", .inceptionV3)
        let (reference, other) = (
            try images(golden.reference, to: "reference"), try images(golden.other, to: "other")
        )
        let direct = try values(["fid"], files, of: other, from: reference)[0]
        let path = folder.path("reference.npz")
        try direct.report.referenceStatistics().write(to: path)
        func value(_ name: String) throws -> Double {
            try SetMetricEvaluation([.named(name)], loading: loading, files: files).values(
                of: other.map { Request(input: $0) },
                from: .statistics(FeatureStatistics(path: path), path: path))[0].value
        }
        #expect(abs(try value("fid") - direct.value) < 1e-6 * direct.value)
        // Resized in another way.
        #expect(throws: PipelineError.self) { try value("fid@clean") }
    }

    @Test func `FVD is that of the reference, and needs 16 frames of a video`() throws {
        let files = try files("i3d-kinetics400", .i3d)
        let reference = try clips(golden.clips.reference, to: "reference")
        // What follows the first 16 frames does not matter.
        let other = try clips(golden.clips.other, frames: 19, to: "other")
        let found = try values(["fvd"], files, of: other, from: reference)[0]
        let expected = try #require(golden.sets["fvd"])
        print("fvd: \(found.value), \(expected)")
        #expect(abs(found.value - expected) < 1e-5 * expected)

        let short = try clips([[40, 36, 7]], frames: 15, to: "short")
        let picture = try image([40, 36, 7], to: "picture.ppm")
        var failures: [String] = []
        let evaluation = try SetMetricEvaluation([.named("fvd")], loading: loading, files: files)
        let value = try evaluation.values(
            of: (other + short + [picture]).map { Request(input: $0) }, from: .inputs(reference)
        ) { _, event in
            if case .ended(_, let failure?) = event { failures.append(failure) }
        }[0]
        #expect(value.sampleCount == 2)
        #expect(failures.count == 2)
        #expect(failures.first?.contains("15 frames, and i3d-kinetics400 takes 16") == true)
        #expect(failures.last?.contains("is an image, and i3d-kinetics400 takes videos") == true)
    }

    @Test(arguments: ["lpips@alex", "lpips@vgg"])
    func `LPIPS is that of the reference`(name: String) throws {
        let isAlex = name == "lpips@alex"
        let pairs = isAlex ? golden.alex : golden.vgg
        var files =
            isAlex ? try files("alexnet", .alexNet) : try files("vgg16", .vgg16)
        // lpips has it in the format before PyTorch 1.6.
        let linear = isAlex ? "alex" : "vgg"
        files["lpips-\(linear)"] = MetricFiles(
            encoder: .init(
                name: "lpips-\(linear)", weights: Fixture.fetched("\(linear).pth")))
        let evaluation = try MetricEvaluation(
            [.named(name)], loading: loading, files: files)
        var requests: [Request] = []
        for (index, pair) in pairs.enumerated() {
            _ = try image(pair.images[1], to: "reference/\(index).ppm")
            requests.append(
                Request(input: try image(pair.images[0], to: "other/\(index).ppm")))
        }
        // No counterpart, another size, too small for the net, and a counterpart by name.
        requests.append(Request(input: try image([64, 64, 1], to: "other/alone.ppm")))
        _ = try image([64, 65, 1], to: "reference/size.ppm")
        requests.append(Request(input: try image([64, 64, 1], to: "other/size.ppm")))
        _ = try image([5, 5, 1], to: "reference/small.ppm")
        requests.append(Request(input: try image([5, 5, 1], to: "other/small.ppm")))
        requests.append(
            Request(
                input: requests[0].input,
                extras: [.init("reference", .string(folder.path("reference/0.ppm")))]))
        var rows: [ScoreRow] = []
        try evaluation.run(
            RequestSource(requests), reference: PairedReference([folder.path("reference")])
        ) { rows.append($1) }
        for (row, pair) in zip(rows, pairs) {
            let value = try #require(row.metrics?.first?.value, "\(row)")
            print("\(name): \(value), \(pair.value)")
            #expect(abs(value - pair.value) <= 1e-6)
        }
        #expect(rows[3].failure?.contains("no counterpart") == true)
        #expect(rows[4].failure?.contains("64 × 64 pixels") == true)
        if isAlex { #expect(rows[5].failure?.contains("too few") == true) }
        #expect(rows[6].metrics?.first?.value == rows[0].metrics?.first?.value)
        #expect(throws: MetricError.self) {
            _ = try image([64, 64, 1], to: "reference/twin/0.ppm")
            _ = try PairedReference([folder.path("reference/twin"), folder.path("reference")])
        }
    }

    @Test func `open_nsfw has the probabilities of ONNX Runtime`() throws {
        let files = [
            "open-nsfw": MetricFiles(
                encoder: .init(name: "open-nsfw", weights: Fixture.fetched("open-nsfw.onnx")))
        ]
        let evaluation = try MetricEvaluation(
            [.named("opennsfw")], loading: loading, files: files)
        let inputs = try images(golden.opennsfw.map(\.image), to: "image")
        var rows: [ScoreRow] = []
        try evaluation.run(RequestSource(inputs: inputs)) { rows.append($1) }
        #expect(rows.count == golden.opennsfw.count)
        for (row, expected) in zip(rows, golden.opennsfw) {
            let value = try #require(row.metrics?.first?.value, "\(row)")
            #expect(abs(value - expected.value) < 1e-5)
        }
        #expect(throws: EncoderError.self) {
            try MetricEvaluation(
                [.named("opennsfw")], loading: ModelLoader(precision: .int8), files: files)
        }
    }

    @Test func `layers without activations are one affine map`() throws {
        let widths = [6, 5, 4, 3, 2, 1]
        var shapes: [String: [Int]] = [:]
        for (layer, number) in [0, 2, 4, 6, 7].enumerated() {
            shapes["layers.\(number).weight"] = [widths[layer + 1], widths[layer]]
            shapes["layers.\(number).bias"] = [widths[layer + 1]]
        }
        let head = try AffineHead(
            WeightFile(
                name: "aesthetic",
                tensors: ConvolutionalWeights.tensors(shapes, label: "aesthetic")), width: 6)
        #expect(abs(head(golden.aesthetic.input) - golden.aesthetic.value) < 1e-6)
    }
}
