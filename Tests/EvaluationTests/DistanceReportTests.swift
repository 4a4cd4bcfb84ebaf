import Distances
import Encoders
import Evaluation
import Frames
import Pipeline
import Statistics
import Testing
import TestSupport
import TextFormats

@Suite struct DistanceReportTests {
    @Test func `image and video embeddings of two encoders do not mix`() throws {
        func identity(_ name: String) -> EncoderIdentity {
            EncoderIdentity(
                name: name, fingerprint: name,
                preprocessing: Preprocessing(
                    resize: .shortSide, size: 8, filter: .pillowBicubic, crop: 8, mean: [0, 0, 0],
                    deviation: [1, 1, 1]), taps: [1], embeddingWidth: 1)
        }
        let empty = EmbeddingSet(
            encoders: [.image: identity("still"), .video: identity("moving")],
            sampling: .uniform(UniformSampling()))
        func side(kind: String) -> DistanceSide {
            var set = empty
            for x in [1, 2] as [Float] {
                set.append([x], input: .object([.init("kind", .string(kind))]))
            }
            return DistanceSide(name: kind, embeddings: set)
        }
        #expect(
            throws: PipelineError.mixedEmbeddings(
                reason: "made by two encoders, still@still and moving@moving")
        ) { try DistanceReport(reference: side(kind: "image"), other: side(kind: "video")) }
        // Rows of pixel inputs have no kind; they are from the encoder for videos.
        var pixels = empty
        for x in [1, 2] as [Float] { pixels.append([x], input: .object([])) }
        let report = try DistanceReport(
            reference: .init(name: "pixels", embeddings: pixels), other: side(kind: "video"))
        #expect(report.metrics.distance == 0)
        #expect(report.json.contains(#""encoder":"moving@moving","#))
    }
    private static func identity(width: Int = 3) -> EncoderIdentity {
        EncoderIdentity(
            name: "tiny", fingerprint: String(repeating: "ab", count: 32),
            preprocessing: Preprocessing(
                resize: .shortSide, size: 8, filter: .pillowBicubic, crop: 8, mean: [0, 0, 0],
                deviation: [1, 1, 1]), taps: [1], embeddingWidth: width)
    }

    private static func side(
        _ name: String, precision: Precision? = nil, frames: Int = 8, offset: Float = 0
    ) -> DistanceSide {
        var set = EmbeddingSet(
            encoders: [.video: identity()],
            sampling: .uniform(UniformSampling(frameCount: frames)))
        for index in 0..<10 {
            let x = Float(index)
            set.append(
                [x + offset, x * x, (x * 7).truncatingRemainder(dividingBy: 5)], input: .object([]))
        }
        return DistanceSide(name: name, embeddings: set, precision: precision)
    }

    private static func report(_ reference: DistanceSide, _ other: DistanceSide) throws
        -> DistanceReport
    {
        try DistanceReport(reference: reference, other: other)
    }

    @Test func `statistics of a set take its place`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("reference.npz")
        let (reference, other) = (Self.side("a", precision: .f32), Self.side("b", offset: 1))
        let whole = try Self.report(reference, other)
        try whole.referenceStatistics().write(to: path)
        let statistics = try FeatureStatistics(path: path)
        #expect(statistics.sampleCount == 10)
        #expect(statistics.provenance.precision == "f32")
        let read = try DistanceSide(name: path, statistics: statistics)
        let report = try Self.report(read, other)
        // Three values of some 30 each.
        #expect(abs(report.metrics.distance - whole.metrics.distance) < 1e-10)
        #expect(report.json.contains(#""precision":"f32""#))
        #expect(report.warnings().count == 1)
        let turned = try Self.report(other, read)
        #expect(abs(turned.metrics.distance - whole.metrics.distance) < 1e-10)
        #expect(
            throws: PipelineError.mixedEmbeddings(
                reason: "computed in two precisions, f32 and int8")
        ) {
            try Self.report(read, Self.side("c", precision: .int8))
        }
        let error = #expect(throws: PipelineError.self) {
            try Self.report(read, Self.side("c", frames: 4))
        }
        #expect(error?.description.contains("sampled in two ways") == true)
        #expect(throws: DistanceError.self) {
            try DistanceReport(reference: read, other: other, shrinkage: .ledoitWolf)
        }
        #expect(throws: DistanceError.self) {
            try DistanceReport(reference: read, other: other, kernel: KernelSettings(subsetSize: 2))
        }
    }

    @Test func `statistics of other programs are used with a warning`() throws {
        let path = Fixture.path("evaluation/features-compressed.npz")
        let foreign = try DistanceSide(name: path, statistics: FeatureStatistics(path: path))
        let report = try Self.report(foreign, foreign)
        #expect(report.metrics.distance < 1e-9)
        #expect(report.json.contains(#""samples":null"#))
        #expect(report.json.contains(#""encoder":null,"taps":null"#))
        #expect(report.warnings().first?.contains("does not tell by which encoder") == true)
        #expect(report.bias == nil)
        let error = #expect(throws: DistanceError.self) { try Self.report(foreign, Self.side("a")) }
        #expect(
            error?.description.contains("embeddings have 12 values in '\(path)' and 3 in 'a'")
                == true)
    }

    @Test func `a recipe that cannot be read is refused`() throws {
        let path = Fixture.path("evaluation/features.npz")
        let side = try DistanceSide(name: path, statistics: FeatureStatistics(path: path))
        let error = #expect(throws: DistanceError.self) { try Self.report(side, side) }
        #expect(error?.description.contains("encoder is no identity of one that gives 12") == true)
    }

    @Test func `intervals and kernel distances are reported`() throws {
        let report = try DistanceReport(
            reference: Self.side("a"), other: Self.side("b", offset: 40),
            bootstrap: FrechetBootstrap(resamples: 50, seed: 1),
            kernel: KernelSettings(subsetCount: 3, subsetSize: 5))
        let interval = try #require(report.interval)
        #expect(interval.low > 0 && interval.low < interval.high)
        #expect(report.json.contains(#""subsets":3,"subset_size":5"#))
        #expect(report.table.contains("95 % interval"))
        #expect(report.table.contains("3 subsets of 5"))
    }
}
