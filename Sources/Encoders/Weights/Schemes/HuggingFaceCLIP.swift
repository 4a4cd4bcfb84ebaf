extension WeightScheme {
    /// Hugging Face `CLIPVisionModel`, alone or inside `CLIPModel`.
    static let huggingFaceCLIP = WeightScheme(
        marker: "embeddings.class_embedding",
        companions: ["embeddings.patch_embedding.weight"],
        blocks: "encoder.layers",
        names: huggingFaceBlocks.merging([
            "class_token": ["embeddings.class_embedding"],
            "positions": ["embeddings.position_embedding.weight"],
            "patches": ["embeddings.patch_embedding"],
            // Misspelled in the checkpoints.
            "input_norm": ["pre_layrnorm"],
            "output_norm": ["post_layernorm"],
        ]) { $1 },
        siblings: ["projection": "visual_projection.weight", "logit_scale": "logit_scale"],
        unneeded: ["embeddings.position_ids", "post_layernorm.weight", "post_layernorm.bias"])

    /// Hugging Face `CLIPTextModel`, alone or inside `CLIPModel`.
    static let huggingFaceCLIPText = WeightScheme(
        marker: "embeddings.token_embedding.weight",
        companions: ["final_layer_norm.weight"],
        blocks: "encoder.layers",
        names: huggingFaceBlocks.merging([
            "tokens": ["embeddings.token_embedding.weight"],
            "positions": ["embeddings.position_embedding.weight"],
            "output_norm": ["final_layer_norm"],
        ]) { $1 },
        siblings: ["projection": "text_projection.weight"],
        unneeded: ["embeddings.position_ids"])

    private static let huggingFaceBlocks = [
        "norm1": ["layer_norm1"], "norm2": ["layer_norm2"],
        "query": ["self_attn.q_proj"], "key": ["self_attn.k_proj"],
        "value": ["self_attn.v_proj"], "output": ["self_attn.out_proj"],
        "fc1": ["mlp.fc1"], "fc2": ["mlp.fc2"],
    ]
}
