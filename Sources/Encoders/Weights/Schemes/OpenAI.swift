extension WeightScheme {
    /// The vision transformer of OpenAI's `clip/model.py`, also used by open_clip and ViCLIP.
    static let openAI = WeightScheme(
        marker: "class_embedding",
        companions: ["conv1.weight"],
        blocks: "transformer.resblocks",
        names: openAIBlocks.merging([
            "class_token": ["class_embedding"],
            "positions": ["positional_embedding"],
            "temporal_positions": ["temporal_positional_embedding"],
            "patches": ["conv1"],
            "input_norm": ["ln_pre"],
            "output_norm": ["ln_post"],
            "projection": ["proj"],
        ]) { $1 },
        siblings: ["logit_scale": "logit_scale"],
        transposed: ["projection"],
        fusesProjections: true,
        unneeded: ["ln_post.weight", "ln_post.bias", "proj"])

    /// The text transformer of OpenAI's `clip/model.py`, also used by open_clip and ViCLIP. The vision transformer may
    /// be beside it.
    static let openAIText = WeightScheme(
        marker: "token_embedding.weight",
        companions: ["ln_final.weight"],
        blocks: "transformer.resblocks",
        names: openAIBlocks.merging([
            "tokens": ["token_embedding.weight"],
            "positions": ["positional_embedding"],
            "output_norm": ["ln_final"],
            "projection": ["text_projection"],
        ]) { $1 },
        transposed: ["projection"],
        fusesProjections: true,
        unneeded: [
            "visual.", "logit_scale", "attn_mask", "input_resolution", "context_length",
            "vocab_size",
        ])

    private static let openAIBlocks = [
        "norm1": ["ln_1"], "norm2": ["ln_2"],
        "query.weight": ["attn.in_proj_weight"], "query.bias": ["attn.in_proj_bias"],
        "key.weight": ["attn.in_proj_weight"], "key.bias": ["attn.in_proj_bias"],
        "value.weight": ["attn.in_proj_weight"], "value.bias": ["attn.in_proj_bias"],
        "output": ["attn.out_proj"], "fc1": ["mlp.c_fc"], "fc2": ["mlp.c_proj"],
    ]
}
