import ArgumentParser
import Encoders
import Media
import Metrics
import Scoring
import Serving

/// Options for metrics beside the reward of a server.
struct ServedMetricOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Metrics beside the reward: names from ganrm metrics list, separated by commas.",
            valueName: "names"), completion: .list(ServedMetrics.available.map(\.name)))
    var metrics: String?

    @OptionGroup var options: MetricOptions

    @Option(
        help: ArgumentHelp(
            "Frames of a video, in the middle of as many equal parts, for metrics of pictures.",
            valueName: "frames"))
    var metricsFrames = 8

    @Option(
        help: ArgumentHelp(
            "f32 is comparable with the values of others; bf16 and int8 are faster.",
            valueName: "precision"))
    var metricsPrecision: PrecisionChoice = .f32

    func validate() throws {
        try OptionRange.check("--metrics-frames", metricsFrames, MetricEvaluation.frameCounts)
        guard metrics != nil || options.detector == nil else {
            throw ValidationError("--detector goes with --metrics")
        }
        let chosen = try chosen()
        do { try ServedMetrics.check(chosen) } catch { throw ValidationError("\(error)") }
    }

    /// None without `--metrics`.
    func chosen() throws -> [Metric] { try metrics.map(options.chosen) ?? [] }

    /// What loads the models of the metrics.
    func loading(
        _ compute: ComputeOptions, _ mediaOptions: MediaOptions
    ) throws -> @Sendable () throws -> MetricEvaluation {
        let loading = ModelLoader(precision: metricsPrecision, threadCount: compute.threadCount)
        let (metrics, frames, batch) = (try chosen(), metricsFrames, compute.batch)
        let (pool, detector) = (options.pool, options.detectorSource)
        return {
            try MetricEvaluation(
                metrics, loading: loading, frameCount: frames, pooling: pool,
                mediaOptions: mediaOptions, batchSize: batch, detector: detector)
        }
    }
}
