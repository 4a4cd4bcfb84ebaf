extension WeightScheme {
    /// Hugging Face `BertModel` with cross-attention, as in salesforce/BLIP `models/med.py`.
    static let bert = WeightScheme(
        marker: "embeddings.word_embeddings.weight",
        companions: ["encoder.layer.0.crossattention.self.query.weight"],
        blocks: "encoder.layer",
        names: [
            "tokens": ["embeddings.word_embeddings.weight"],
            "positions": ["embeddings.position_embeddings.weight"],
            "input_norm": ["embeddings.LayerNorm"],
            "query": ["attention.self.query"], "key": ["attention.self.key"],
            "value": ["attention.self.value"], "output": ["attention.output.dense"],
            "norm1": ["attention.output.LayerNorm"],
            "cross_query": ["crossattention.self.query"], "cross_key": ["crossattention.self.key"],
            "cross_value": ["crossattention.self.value"],
            "cross_output": ["crossattention.output.dense"],
            "cross_norm": ["crossattention.output.LayerNorm"],
            "fc1": ["intermediate.dense"], "fc2": ["output.dense"], "norm2": ["output.LayerNorm"],
        ],
        unneeded: ["embeddings.position_ids"])
}
