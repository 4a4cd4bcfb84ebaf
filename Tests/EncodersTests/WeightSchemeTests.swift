import Encoders
import Foundation
import Tensors
import Testing

/// The same weights under the names of every scheme, and files that are refused with tensor names.
@Suite struct WeightSchemeTests {
    typealias Tensors = [String: StoredTensor]

    static func stored(_ shape: [Int], _ elements: [Float]) -> StoredTensor {
        StoredTensor(elements, shape: shape)
    }

    static func zeros(_ shape: Int..., type: DType = .f32) -> StoredTensor {
        let bytes = [UInt8](repeating: 0, count: shape.reduce(type.byteCount, *))
        return bytes.withUnsafeBytes { bytes in
            StoredTensor(
                shape: shape, dtype: type, storage: ByteStorage(copying: bytes)!,
                range: 0..<bytes.count)
        }
    }

    static func renamed(_ tensors: Tensors, _ pairs: [(String, String)]) -> Tensors {
        Dictionary(
            uniqueKeysWithValues: tensors.map { name, tensor in
                (
                    pairs.reduce(name) { $0.replacingOccurrences(of: $1.0, with: $1.1) },
                    tensor
                )
            })
    }

    static func prefixed(_ tensors: Tensors, _ prefix: String) -> Tensors {
        Dictionary(uniqueKeysWithValues: tensors.map { (prefix + $0.key, $0.value) })
    }

    /// Renames Hugging Face's CLIP to OpenAI's names, with query, key and value fused.
    static func openAI(_ tensors: Tensors) -> Tensors {
        var tensors = renamed(
            tensors,
            [
                ("embeddings.class_embedding", "class_embedding"),
                ("embeddings.position_embedding.weight", "positional_embedding"),
                ("embeddings.patch_embedding", "conv1"), ("pre_layrnorm", "ln_pre"),
                ("post_layernorm", "ln_post"), ("encoder.layers", "transformer.resblocks"),
                ("self_attn.out_proj", "attn.out_proj"), ("layer_norm", "ln_"),
                ("mlp.fc1", "mlp.c_fc"), ("mlp.fc2", "mlp.c_proj"),
            ])
        for kind in ["weight", "bias"] {
            for layer in 0..<3 {
                let block = "transformer.resblocks.\(layer)"
                let parts = ["q", "k", "v"].compactMap {
                    tensors.removeValue(forKey: "\(block).self_attn.\($0)_proj.\(kind)")
                }
                tensors["\(block).attn.in_proj_\(kind)"] = stored(
                    kind == "weight" ? [192, 64] : [192], parts.flatMap { $0.floats() })
            }
        }
        return tensors
    }

    static func embedding(_ model: ReferenceModel, _ tensors: Tensors) throws -> [Embedding] {
        try VisionTransformer(
            configuration: model.configuration, weights: WeightFile(name: "file", tensors: tensors),
            precision: .f32, threadCount: 1
        ).embed(model.golden().clips("image"))
    }

    @Test func `CLIP is read under Hugging Face's and OpenAI's names`() throws {
        let tensors = try ReferenceModel.clip.golden().weights.tensors
        let expected = try Self.embedding(.clip, tensors)

        var inside = Self.prefixed(tensors, "vision_model.")
        inside["vision_model.embeddings.position_ids"] = Self.zeros(1, 26, type: .i64)
        inside["text_model.embeddings.token_embedding.weight"] = Self.zeros(9, 4)
        inside["visual_projection.weight"] = Self.zeros(4, 64)
        inside["logit_scale"] = Self.zeros()
        #expect(try Self.embedding(.clip, inside) == expected)

        let alone = Self.openAI(tensors)
        #expect(try Self.embedding(.clip, alone) == expected)
        var whole = Self.prefixed(alone, "visual.")
        whole["visual.proj"] = Self.zeros(64, 4)
        whole["positional_embedding"] = Self.zeros(77, 4)
        whole["transformer.resblocks.0.ln_1.weight"] = Self.zeros(4)
        whole["token_embedding.weight"] = Self.zeros(9, 4)
        #expect(try Self.embedding(.clip, whole) == expected)
    }

    @Test func `ViCLIP is read with and without its text encoder`() throws {
        let tensors = try ReferenceModel.viclip.golden().weights.tensors
        var whole = Self.prefixed(tensors, "vision_encoder.")
        whole["text_encoder.transformer.resblocks.0.ln_1.weight"] = Self.zeros(4)
        whole["temp"] = Self.zeros()
        #expect(try Self.embedding(.viclip, whole) == Self.embedding(.viclip, tensors))
    }

    @Test func `DINOv2 is read under old and new names and as a backbone`() throws {
        let tensors = try ReferenceModel.dinov2.golden().weights.tensors
        let expected = try Self.embedding(.dinov2, tensors)
        let old = Self.renamed(
            tensors,
            [
                ("attention.q_proj", "attention.attention.query"),
                ("attention.k_proj", "attention.attention.key"),
                ("attention.v_proj", "attention.attention.value"),
                ("attention.o_proj", "attention.output.dense"),
            ])
        #expect(try Self.embedding(.dinov2, old) == expected)
        for prefix in ["dinov2.", "backbone."] {
            var inside = Self.prefixed(old, prefix)
            inside["classifier.weight"] = Self.zeros(2, 96)
            #expect(try Self.embedding(.dinov2, inside) == expected)
        }
    }

    @Test func `refuses missing tensors by name`() throws {
        var tensors = try ReferenceModel.clip.golden().weights.tensors
        tensors["encoder.layers.1.mlp.fc1.bias"] = nil
        tensors["pre_layrnorm.weight"] = nil
        let error = EncoderError.missingTensors(
            file: "file", names: ["encoder.layers.1.mlp.fc1.bias", "pre_layrnorm.weight"])
        #expect(throws: error) { try Self.embedding(.clip, tensors) }
        #expect(
            error.description == """
                'file' lacks 'encoder.layers.1.mlp.fc1.bias', 'pre_layrnorm.weight'; is it \
                another size of the encoder, or only a part?
                """)
    }

    @Test func `refuses unused tensors by name`() throws {
        var tensors = try ReferenceModel.clip.golden().weights.tensors
        for layer in 3..<6 {
            tensors["encoder.layers.\(layer).mlp.fc1.bias"] = Self.zeros(256)
            tensors["encoder.layers.\(layer).mlp.fc2.bias"] = Self.zeros(64)
        }
        let error = #expect(throws: EncoderError.self) { try Self.embedding(.clip, tensors) }
        #expect(
            error?.description == """
                'file' holds 'encoder.layers.3.mlp.fc1.bias', 'encoder.layers.3.mlp.fc2.bias', \
                'encoder.layers.4.mlp.fc1.bias' and 3 more tensors, which this encoder has no \
                use for; is it another size of the encoder?
                """)
    }

    @Test func `refuses misshapen tensors by name`() throws {
        var tensors = try ReferenceModel.clip.golden().weights.tensors
        tensors["embeddings.position_embedding.weight"] = Self.zeros(50, 64)
        #expect(
            throws: EncoderError.misshapenTensor(
                file: "file", name: "embeddings.position_embedding.weight", shape: [50, 64],
                expected: [26, 64])
        ) { try Self.embedding(.clip, tensors) }

        var fused = Self.openAI(try ReferenceModel.clip.golden().weights.tensors)
        fused["transformer.resblocks.0.attn.in_proj_bias"] = Self.zeros(64)
        #expect(
            throws: EncoderError.misshapenTensor(
                file: "file", name: "transformer.resblocks.0.attn.in_proj_bias", shape: [64],
                expected: [192])
        ) { try Self.embedding(.clip, fused) }
    }

    @Test func `refuses weights of an integer dtype`() throws {
        var tensors = try ReferenceModel.clip.golden().weights.tensors
        tensors["embeddings.class_embedding"] = Self.zeros(64, type: .i64)
        #expect(
            throws: EncoderError.unsupportedDtype(
                file: "file", name: "embeddings.class_embedding", dtype: "I64")
        ) { try Self.embedding(.clip, tensors) }
    }

    @Test func `refuses a file of another model`() throws {
        #expect(throws: EncoderError.unknownWeightScheme(file: "file")) {
            try Self.embedding(.clip, ["fc1.weight": Self.zeros(4, 4)])
        }
        #expect(throws: EncoderError.unknownWeightScheme(file: "file")) {
            try Self.embedding(.clip, [:])
        }
    }
}
