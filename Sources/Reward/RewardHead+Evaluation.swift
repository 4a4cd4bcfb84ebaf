import Tensors

extension RewardHead {
    /// How the head does on examples; nil if there are none.
    public func evaluate(_ examples: [Example]) -> Evaluation? {
        guard !examples.isEmpty else { return nil }
        return Evaluation(logits: logits(of: examples), labels: examples.map(\.label))
    }

    /// z1 − z0 of each example.
    public func logits(of examples: [Example]) -> [Double] {
        scores(
            Tensor(shape: [examples.count, width], elements: examples.flatMap(\.embedding))
        ).map(\.logit)
    }
}
