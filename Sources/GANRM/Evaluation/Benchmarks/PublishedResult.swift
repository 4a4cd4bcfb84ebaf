/// What others report of a model on a benchmark.
struct PublishedResult: Sendable, Hashable {
    let model: String
    /// The dimension of the benchmark: `Overall`.
    let dimension: String
    /// By the keys of `AgreementMetric`.
    let values: [String: Double]
    /// Where it is published.
    let source: String
}
