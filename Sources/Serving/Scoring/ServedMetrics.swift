import Media
public import Metrics
import TextFormats

/// Metrics that a server computes beside its reward, on a thread of their own.
public struct ServedMetrics: Sendable {
    let metrics: [Metric]
    let engine: ScoringEngine

    /// Loads the models of the metrics.
    ///
    /// - Parameters:
    ///   - reward: The engine of the same server.
    ///   - isolation: How to start processes that decode and encode; nil for none.
    ///   - load: Called once, unless a worker process computes the metrics.
    /// - Throws: Errors of `check` and `load`, and `ServingError.setting` if a worker does not start.
    public init(
        _ metrics: [Metric], beside reward: ScoringEngine, isolation: Isolation? = nil,
        _ load: @escaping @Sendable () throws -> MetricEvaluation
    ) throws {
        try Self.check(metrics)
        self.metrics = metrics
        engine = try ScoringEngine(.metrics, counting: reward.metrics, measuresStages: false) { _ in
            let scoring: any MediaScoring =
                if let isolation {
                    try IsolatedScoring(isolation, model: nil)
                } else {
                    MetricScoring(evaluation: try load())
                }
            return .init(scoring: scoring, labels: [], upload: nil)
        }
    }

    /// Metrics that a server can compute: those of single media.
    public static let available = Metric.all.filter { !$0.isOfSet && !$0.isOfPairs }

    /// Whether a server can compute metrics.
    ///
    /// - Throws: `ServingError.setting` that names one of pairs or of sets.
    public static func check(_ metrics: [Metric]) throws(ServingError) {
        guard let other = metrics.first(where: { $0.isOfSet || $0.isOfPairs }) else { return }
        throw .setting(
            reason: """
                \(other.name) compares \(other.isOfSet ? "whole sets" : "each input with another one"), and a server \
                computes metrics of single media; see: ganrm metrics
                """)
    }

    /// The metric of a name; nil if the server does not compute it.
    func metric(_ name: String) -> Metric? { metrics.first { $0.name == name } }

    /// A medium for one metric, or for all.
    ///
    /// - Throws: `ServingError.badRequest` without a prompt that a metric needs.
    func medium(
        _ upload: Upload, prompt: JSONValue?, for metric: Metric? = nil
    ) throws(ServingError) -> Medium {
        let needing = (metric.map { [$0] } ?? metrics).first { $0.needs.contains(.prompt) }
        if let needing, prompt == nil {
            throw .badRequest(reason: "there is no prompt, which \(needing.name) needs")
        }
        return Medium(upload: upload, prompt: prompt, metrics: metric.map { [$0.name] })
    }
}
