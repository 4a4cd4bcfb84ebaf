extension WeightScheme {
    /// The vision transformer of facebookresearch/dino, `vision_transformer.py`, whose names timm has, too.
    static let dino = WeightScheme(
        marker: "cls_token",
        companions: ["patch_embed.proj.weight"],
        blocks: "blocks",
        names: [
            "class_token": ["cls_token"],
            "positions": ["pos_embed"],
            "patches": ["patch_embed.proj"],
            "output_norm": ["norm"],
            "query": ["attn.qkv"], "key": ["attn.qkv"], "value": ["attn.qkv"],
            "output": ["attn.proj"], "fc1": ["mlp.fc1"], "fc2": ["mlp.fc2"],
        ],
        fusesProjections: true,
        unneeded: ["head."])
}
