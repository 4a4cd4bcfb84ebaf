import CKernels
import Encoders
import Testing

/// Golden values of `fixtures/encoders/embeddings.py`: Hugging Face's CLIP and DINOv2,
/// ViCLIP's source.
@Suite struct VisionTransformerTests {
    /// The reference computes in float64, so the error is that of 32-bit rounding.
    @Test(arguments: ReferenceModel.all)
    func `matches the reference after every block in f32`(model: ReferenceModel) throws {
        let golden = try model.golden()
        let transformer = try model.transformer(taps: [1, 2, 3], threadCount: 2)
        for kind in model.kinds {
            let embeddings = try transformer.embed(golden.clips(kind))
            for (embedding, expected) in try zip(embeddings, golden.embeddings(kind)) {
                #expect(embedding.vector.count == expected.count)
                let error = relativeError(embedding.vector, expected)
                #expect(error < 5e-6, "\(kind)")
            }
        }
    }

    @Test(arguments: ReferenceModel.all)
    func `is close to the reference in bf16`(model: ReferenceModel) throws {
        let golden = try model.golden()
        let transformer = try model.transformer(precision: .bf16, taps: [1, 2, 3])
        for kind in model.kinds {
            let embeddings = try transformer.embed(golden.clips(kind))
            for (embedding, expected) in try zip(embeddings, golden.embeddings(kind)) {
                #expect(relativeError(embedding.vector, expected) < 2e-2, "\(kind)")
                #expect(cosine(embedding.vector, expected) > 0.9995, "\(kind)")
            }
        }
    }
}
