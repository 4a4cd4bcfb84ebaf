/// What computes a number of a projected embedding of length 1.
protocol EmbeddingHead {
    /// What tells it from others.
    var identity: String { get }

    func callAsFunction(_ embedding: [Float]) -> Double
}
