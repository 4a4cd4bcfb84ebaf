import Tensors

extension RewardHead {
    /// How the head does on examples; nil if there are none.
    public func evaluate(_ examples: [Example]) -> Evaluation? {
        guard !examples.isEmpty else { return nil }
        let embeddings = Tensor(
            shape: [examples.count, width], elements: examples.flatMap(\.embedding))
        return Evaluation(
            logits: scores(embeddings).map(\.logit), labels: examples.map(\.label))
    }
}
