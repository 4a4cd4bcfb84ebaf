import CKernels
import Encoders
import TestSupport
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

    /// AMX and the level below it, whose int8 products are the same integers.
    static let amxLevels = [
        (GANRM_KERNELS_AMX, GANRM_KERNELS_AVX512_BF16),
        (GANRM_KERNELS_AMX_EMULATED, GANRM_KERNELS_AVX512_VNNI),
    ].filter { ganrm_kernels_at($0.0) != nil }

    @Test(arguments: amxLevels)
    func `a whole encoder computes the same with AMX and without`(
        level: ganrm_kernel_level, below: ganrm_kernel_level
    ) throws {
        // 73 tokens; head width 64; rows of patches that fill no whole AMX tiles.
        let model = RandomModel(
            .init(
                imageSize: 42, patchSize: 14, width: 128, layers: 3, heads: 2, activation: .gelu,
                frameCount: 8))
        let clip = PixelClip(
            frameCount: 8, elements: SplitMix.numbers("AMX", count: 8 * 3 * 42 * 42, scale: 1))
        func embed(_ precision: Precision, _ level: ganrm_kernel_level) throws -> [Float] {
            try model.transformer(
                precision: precision, taps: [1, 2, 3], threadCount: 2, level: level
            )
            .embed([clip])[0].vector
        }
        #expect(try embed(.int8, level) == embed(.int8, below))
        let exact = try embed(.f32, below)
        let error = try relativeError(embed(.bf16, level), exact)
        #expect(error > 0 && error < 0.01)
    }
}
