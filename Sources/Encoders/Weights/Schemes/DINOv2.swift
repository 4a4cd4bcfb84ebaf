extension WeightScheme {
    /// Hugging Face `Dinov2Model`. The second of two names is used by transformers 5.
    static let dinov2 = WeightScheme(
        marker: "embeddings.cls_token",
        companions: ["embeddings.patch_embeddings.projection.weight"],
        blocks: "encoder.layer",
        names: [
            "class_token": ["embeddings.cls_token"],
            "positions": ["embeddings.position_embeddings"],
            "patches": ["embeddings.patch_embeddings.projection"],
            "output_norm": ["layernorm"],
            "query": ["attention.attention.query", "attention.q_proj"],
            "key": ["attention.attention.key", "attention.k_proj"],
            "value": ["attention.attention.value", "attention.v_proj"],
            "output": ["attention.output.dense", "attention.o_proj"],
            "fc1": ["mlp.fc1"], "fc2": ["mlp.fc2"],
            "scale1.scale": ["layer_scale1.lambda1"], "scale2.scale": ["layer_scale2.lambda1"],
        ],
        unneeded: ["embeddings.mask_token"])
}
