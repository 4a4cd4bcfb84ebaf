import Encoders
import Evaluation
import Frames
import Pipeline
import Testing
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
        func side(kind: String) -> DistanceReport.Side {
            var set = empty
            for x in [1, 2] as [Float] {
                set.append([x], input: .object([.init("kind", .string(kind))]))
            }
            return .init(name: kind, embeddings: set)
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
}
