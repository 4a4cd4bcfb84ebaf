/// The supported naming schemes.
enum WeightSchemeFamily: CaseIterable {
    /// Hugging Face `CLIPVisionModel`, alone or inside `CLIPModel`.
    case huggingFaceCLIP
    /// OpenAI's `clip/model.py`, also used by open_clip and ViCLIP.
    case openAI
    /// Hugging Face `Dinov2Model`.
    case dinov2

    /// A tensor name that is unique to this family.
    var marker: String {
        switch self {
        case .huggingFaceCLIP: "embeddings.class_embedding"
        case .openAI: "class_embedding"
        case .dinov2: "embeddings.cls_token"
        }
    }

    /// Further tensors that must exist for the marker to be valid.
    var companions: [String] {
        switch self {
        case .huggingFaceCLIP: ["embeddings.patch_embedding.weight"]
        case .openAI: ["conv1.weight"]
        case .dinov2: ["embeddings.patch_embeddings.projection.weight"]
        }
    }

    /// Prefix of a block's index.
    var blocks: String {
        switch self {
        case .huggingFaceCLIP: "encoder.layers"
        case .openAI: "transformer.resblocks"
        case .dinov2: "encoder.layer"
        }
    }

    /// Tensors of the encoder that embeddings do not depend on.
    var unneeded: [String] {
        switch self {
        case .huggingFaceCLIP:
            ["embeddings.position_ids", "post_layernorm.weight", "post_layernorm.bias"]
        case .openAI: ["ln_post.weight", "ln_post.bias", "proj"]
        case .dinov2: ["embeddings.mask_token"]
        }
    }

    /// The name of a tensor outside the blocks; a tensor that the family lacks keeps its canonical
    /// name, which is then reported as missing.
    func name(of canonicalName: String) -> String {
        let names: [String: String] =
            switch self {
            case .huggingFaceCLIP:
                [
                    "class_token": "embeddings.class_embedding",
                    "positions": "embeddings.position_embedding.weight",
                    "patches.weight": "embeddings.patch_embedding.weight",
                    "patches.bias": "embeddings.patch_embedding.bias",
                    // Misspelled in the checkpoints.
                    "input_norm.weight": "pre_layrnorm.weight",
                    "input_norm.bias": "pre_layrnorm.bias",
                ]
            case .openAI:
                [
                    "class_token": "class_embedding",
                    "positions": "positional_embedding",
                    "temporal_positions": "temporal_positional_embedding",
                    "patches.weight": "conv1.weight",
                    "patches.bias": "conv1.bias",
                    "input_norm.weight": "ln_pre.weight",
                    "input_norm.bias": "ln_pre.bias",
                ]
            case .dinov2:
                [
                    "class_token": "embeddings.cls_token",
                    "positions": "embeddings.position_embeddings",
                    "patches.weight": "embeddings.patch_embeddings.projection.weight",
                    "patches.bias": "embeddings.patch_embeddings.projection.bias",
                    "output_norm.weight": "layernorm.weight",
                    "output_norm.bias": "layernorm.bias",
                ]
            }
        return names[canonicalName] ?? canonicalName
    }

    /// Alternative names of a block's tensor, and which third of the tensor if it is fused.
    ///
    /// - Parameters:
    ///   - role: `query`, `norm1`, `fc2`, …
    ///   - kind: `weight` or `bias`, or `scale` for LayerScale.
    func blockNames(role: String, kind: String) -> (names: [String], third: Int?) {
        let projections = ["query": 0, "key": 1, "value": 2]
        switch self {
        case .huggingFaceCLIP:
            let names = [
                "norm1": "layer_norm1", "norm2": "layer_norm2", "query": "self_attn.q_proj",
                "key": "self_attn.k_proj", "value": "self_attn.v_proj",
                "output": "self_attn.out_proj", "fc1": "mlp.fc1", "fc2": "mlp.fc2",
            ]
            return (["\(names[role] ?? role).\(kind)"], nil)
        case .openAI:
            if let third = projections[role] { return (["attn.in_proj_\(kind)"], third) }
            let names = [
                "norm1": "ln_1", "norm2": "ln_2", "output": "attn.out_proj", "fc1": "mlp.c_fc",
                "fc2": "mlp.c_proj",
            ]
            return (["\(names[role] ?? role).\(kind)"], nil)
        case .dinov2:
            switch role {
            case "query", "key", "value":
                // The second name is used by Hugging Face transformers 5.
                return (
                    [
                        "attention.attention.\(role).\(kind)",
                        "attention.\(role.prefix(1))_proj.\(kind)",
                    ], nil
                )
            case "output":
                return (["attention.output.dense.\(kind)", "attention.o_proj.\(kind)"], nil)
            case "scale1": return (["layer_scale1.lambda1"], nil)
            case "scale2": return (["layer_scale2.lambda1"], nil)
            case "fc1", "fc2": return (["mlp.\(role).\(kind)"], nil)
            default: return (["\(role).\(kind)"], nil)
            }
        }
    }
}
