extension WeightScheme {
    /// OpenAI's `clip/model.py`, also used by open_clip and ViCLIP.
    static let openAI = WeightScheme(
        marker: "class_embedding",
        companions: ["conv1.weight"],
        blocks: "transformer.resblocks",
        names: [
            "class_token": ["class_embedding"],
            "positions": ["positional_embedding"],
            "temporal_positions": ["temporal_positional_embedding"],
            "patches": ["conv1"],
            "input_norm": ["ln_pre"],
            "norm1": ["ln_1"], "norm2": ["ln_2"],
            "query.weight": ["attn.in_proj_weight"], "query.bias": ["attn.in_proj_bias"],
            "key.weight": ["attn.in_proj_weight"], "key.bias": ["attn.in_proj_bias"],
            "value.weight": ["attn.in_proj_weight"], "value.bias": ["attn.in_proj_bias"],
            "output": ["attn.out_proj"], "fc1": ["mlp.c_fc"], "fc2": ["mlp.c_proj"],
        ],
        fusesProjections: true,
        unneeded: ["ln_post.weight", "ln_post.bias", "proj"])
}
