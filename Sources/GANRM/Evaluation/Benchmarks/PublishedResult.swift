/// What others report of a model on a benchmark.
struct PublishedResult: Sendable, Hashable {
    let model: String
    /// The dimension of the benchmark: `Overall`.
    let dimension: String
    /// By the keys of `AgreementMetric`.
    let values: [String: Double]
    /// Where it is published.
    let source: String

    /// What HPSv2's README at 866735e says of models: mean accuracy over prompts.
    static func inHPSv2(_ accuracies: KeyValuePairs<String, Double>) -> [PublishedResult] {
        accuracies.map { model, accuracy in
            PublishedResult(
                model: model, dimension: "Overall", values: ["mean_accuracy": accuracy],
                source: "HPSv2 README at 866735e")
        }
    }
}
