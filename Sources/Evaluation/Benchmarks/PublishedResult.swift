/// A published result of a model on one dimension of a benchmark.
struct PublishedResult: Sendable, Hashable {
    let model: String
    /// The dimension's name, such as `Overall`.
    let dimension: String
    /// Metric values by `AgreementMetric.key`.
    let values: [String: Double]
    /// The publication that reports it.
    let source: String

    /// Mean accuracies over prompts from HPSv2's README at 866735e.
    static func fromHPSv2README(_ accuracies: KeyValuePairs<String, Double>) -> [PublishedResult] {
        accuracies.map { model, accuracy in
            PublishedResult(
                model: model, dimension: "Overall", values: ["mean_accuracy": accuracy],
                source: "HPSv2 README at 866735e")
        }
    }
}
