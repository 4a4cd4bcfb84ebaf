import Distances
import Encoders
import Foundation
import Metrics
import Pipeline
import Preference
import Scoring
import TextFormats

extension RoundsRun {
    /// Computes the metrics that the configuration names, in its order; rows of single outputs are kept beside the
    /// others of the round.
    ///
    /// - Throws: `CancellationError` at an interruption, and errors of loading an encoder.
    func measure(
        _ candidates: RoundCandidates, in folder: RoundFolder
    ) throws -> [RoundMetricValue] {
        let requests = candidates.groups.flatMap { group in
            group.candidates.map { Request(input: $0.input, extras: group.names) }
        }
        let means = try measureOutputs(requests, in: folder)
        return try configuration.metrics.map { metric in
            if metric.isOfSet { return try measureSet(metric, requests, in: folder) }
            return means.first { $0.name == metric.name }
                ?? RoundMetricValue(name: metric.name, value: nil)
        }
    }

    /// What values are computed with: the references' precision, so that they compare with those of others.
    private var loading: ModelLoader {
        ModelLoader(precision: .f32, threadCount: configuration.encoder.threadCount)
    }

    /// The means of metrics of single outputs.
    private func measureOutputs(
        _ requests: [Request], in folder: RoundFolder
    ) throws -> [RoundMetricValue] {
        let metrics = configuration.metrics.filter { !$0.isOfSet }
        guard !metrics.isEmpty else { return [] }
        let evaluation = try MetricEvaluation(
            metrics, loading: loading, frameCount: configuration.metricFrames,
            batchSize: configuration.batch, store: store)
        var table = MetricTable()
        var rows: [ScoreRow] = []
        report(.encoded(0, of: requests.count))
        try evaluation.run(RequestSource(requests), interruption: interruption) { _, row in
            try table.add(row)
            rows.append(row)
            report(.encoded(rows.count, of: requests.count))
        }
        try interruption.check()
        let failures = rows.compactMap(\.failure)
        if let failure = failures.first {
            report(
                .warning(
                    """
                    \(Self.name(.evaluate, of: folder.round)): \(failures.count) of \(rows.count) outputs have no \
                    metrics: \(failure)
                    """))
        }
        try writeLines(rows, to: folder.metricRows)
        return MetricSummary(table).lines.map {
            RoundMetricValue(name: $0.name, value: $0.mean, interval: $0.interval)
        }
    }

    /// The distance of the outputs from the proxy data.
    ///
    /// - Returns: No value, with a warning, if there are too few samples.
    private func measureSet(
        _ metric: Metric, _ requests: [Request], in folder: RoundFolder
    ) throws -> RoundMetricValue {
        let evaluation = try SetMetricEvaluation(
            [metric], loading: loading, frameCount: configuration.metricFrames,
            batchSize: configuration.batch, store: store)
        var (done, total) = (0, 0)
        do {
            let values = try evaluation.values(
                of: requests, from: .inputs(configuration.proxy), interruption: interruption
            ) { _, event in
                switch event {
                case .began(let count): (done, total) = (0, count ?? 0)
                case .ended: done += 1
                }
                report(.encoded(done, of: max(total, done)))
            }
            // They are alike in all rounds.
            if folder.round == 0 {
                for warning in values.flatMap(\.warnings) { report(.warning(warning)) }
            }
            return RoundMetricValue(name: metric.name, value: values.first?.value)
        } catch let error as DistanceError {
            report(.warning("\(metric.name): \(error)"))
            return RoundMetricValue(name: metric.name, value: nil)
        }
    }
}
